package io.kelp.mapper.modbus.internal.value;

/**
 * Order in which a value lies in registers. Modbus itself orders only the two bytes of one register.
 *
 * @param littleWords the lowest register of a value holds its lowest part ({@code isRegisterSwap})
 * @param littleBytes the two bytes of each register are exchanged ({@code isSwap})
 */
public record WordOrder(boolean littleWords, boolean littleBytes) {

    public static final WordOrder BIG = new WordOrder(false, false);

    /** From the device's order to big endian, or back, in place; doing it twice changes nothing. */
    public byte[] apply(byte[] data) {
        if (data.length % 2 == 0) { // an odd number there is only of packed coils
            for (int i = 0, j = data.length - 2; littleWords && i < j; i += 2, j -= 2) {
                swap(data, i, j);
                swap(data, i + 1, j + 1);
            }
            for (int i = 0; littleBytes && i < data.length; i += 2) {
                swap(data, i, i + 1);
            }
        }
        return data;
    }

    private static void swap(byte[] data, int i, int j) {
        byte kept = data[i];
        data[i] = data[j];
        data[j] = kept;
    }
}
