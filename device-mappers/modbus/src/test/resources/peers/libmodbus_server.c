/* Server of all four tables for the tests of the Modbus mapper, with libmodbus 3.1:
 *   libmodbus_server tcp PORT        any unit id
 *   libmodbus_server rtu DEVICE UNIT 19200 Bd, even parity
 * Holding and input registers hold 3 * address, coils and discrete inputs the parity of theirs. */
#include <errno.h>
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SIZE = 500 };

static void serve(modbus_t *context, modbus_mapping_t *mapping) {
    uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
    for (;;) {
        int length = modbus_receive(context, query);
        if (length > 0) {
            modbus_reply(context, query, length, mapping);
        } else if (length < 0 && errno != EMBBADCRC && errno != ETIMEDOUT) {
            return;
        }
    }
}

int main(int count, char **args) {
    if (count < 3) {
        return 2;
    }
    modbus_mapping_t *mapping = modbus_mapping_new(SIZE, SIZE, SIZE, SIZE);
    for (int i = 0; i < SIZE; i++) {
        mapping->tab_bits[i] = mapping->tab_input_bits[i] = i % 2;
        mapping->tab_registers[i] = mapping->tab_input_registers[i] = 3 * i;
    }
    if (strcmp(args[1], "tcp") == 0) {
        modbus_t *context = modbus_new_tcp("127.0.0.1", atoi(args[2]));
        int listener = modbus_tcp_listen(context, 1);
        if (listener < 0) {
            perror("listen");
            return 1;
        }
        printf("ready\n");
        fflush(stdout);
        for (;;) {
            modbus_tcp_accept(context, &listener);
            serve(context, mapping);
            modbus_close(context);
        }
    }
    modbus_t *context = modbus_new_rtu(args[2], 19200, 'E', 8, 1);
    modbus_set_slave(context, atoi(args[3]));
    if (modbus_connect(context) < 0) {
        perror("connect");
        return 1;
    }
    printf("ready\n");
    fflush(stdout);
    for (;;) {
        serve(context, mapping);
    }
}
