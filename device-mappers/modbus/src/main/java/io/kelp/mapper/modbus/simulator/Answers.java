package io.kelp.mapper.modbus.simulator;

import io.kelp.mapper.modbus.internal.wire.ExceptionAnswer;
import io.kelp.mapper.modbus.internal.wire.Pdu;
import java.io.ByteArrayOutputStream;
import java.util.function.IntPredicate;

/** Answers the PDUs of one unit, as the standard says (V1.1b3, 6). */
final class Answers {

    private final Registers registers;

    Answers(Registers registers) {
        this.registers = registers;
    }

    /** The answer, which may be an exception. */
    byte[] to(byte[] request) {
        int function = request[0] & 0xFF;
        try {
            return switch (function) {
                case 1 -> bits(request, registers::coil);
                case 2 -> bits(request, registers::discrete);
                case 3 -> words(request, registers::holding);
                case 4 -> words(request, registers::input);
                case Pdu.WRITE_COIL -> writeCoil(request);
                case Pdu.WRITE_REGISTER -> writeRegister(request);
                case Pdu.WRITE_COILS -> writeCoils(request);
                case Pdu.WRITE_REGISTERS -> writeRegisters(request);
                case Pdu.MASK_WRITE -> maskWrite(request);
                default -> exception(function, ExceptionAnswer.ILLEGAL_FUNCTION);
            };
        } catch (ExceptionAnswer e) {
            return exception(function, e.code());
        }
    }

    static byte[] exception(int function, int code) {
        return new byte[] {(byte) (function | 0x80), (byte) code};
    }

    private interface Register {
        int get(int address);
    }

    private static byte[] bits(byte[] request, IntPredicate table) throws ExceptionAnswer {
        int address = word(request, 1);
        int count = range(request, address, 2000);
        byte[] answer = new byte[2 + (count + 7) / 8];
        answer[0] = request[0];
        answer[1] = (byte) (answer.length - 2);
        for (int i = 0; i < count; i++) {
            if (table.test(address + i)) {
                answer[2 + i / 8] |= (byte) (1 << i % 8);
            }
        }
        return answer;
    }

    private static byte[] words(byte[] request, Register table) throws ExceptionAnswer {
        int address = word(request, 1);
        int count = range(request, address, 125);
        ByteArrayOutputStream answer = new ByteArrayOutputStream(2 + 2 * count);
        answer.write(request[0]);
        answer.write(2 * count);
        for (int i = 0; i < count; i++) {
            int value = table.get(address + i);
            answer.write(value >> 8);
            answer.write(value);
        }
        return answer.toByteArray();
    }

    private static int range(byte[] request, int address, int most) throws ExceptionAnswer {
        int count = word(request, 3);
        if (count < 1 || count > most) {
            throw new ExceptionAnswer(ExceptionAnswer.ILLEGAL_VALUE);
        }
        if (address + count > Registers.SIZE) {
            throw new ExceptionAnswer(ExceptionAnswer.ILLEGAL_ADDRESS);
        }
        return count;
    }

    private static int single(byte[] request) throws ExceptionAnswer {
        int address = word(request, 1);
        if (address >= Registers.SIZE) {
            throw new ExceptionAnswer(ExceptionAnswer.ILLEGAL_ADDRESS);
        }
        return address;
    }

    private byte[] writeCoil(byte[] request) throws ExceptionAnswer {
        int address = single(request);
        int value = word(request, 3);
        if (value != 0 && value != 0xFF00) {
            throw new ExceptionAnswer(ExceptionAnswer.ILLEGAL_VALUE);
        }
        registers.coil(address, value != 0);
        return request;
    }

    private byte[] writeRegister(byte[] request) throws ExceptionAnswer {
        registers.holding(single(request), word(request, 3));
        return request;
    }

    private byte[] writeCoils(byte[] request) throws ExceptionAnswer {
        int address = word(request, 1);
        int count = range(request, address, Pdu.MOST_WRITTEN_COILS);
        data(request, (count + 7) / 8);
        for (int i = 0; i < count; i++) {
            registers.coil(address + i, (request[6 + i / 8] >> i % 8 & 1) == 1);
        }
        return head(request);
    }

    private byte[] writeRegisters(byte[] request) throws ExceptionAnswer {
        int address = word(request, 1);
        int count = range(request, address, Pdu.MOST_WRITTEN_REGISTERS);
        data(request, 2 * count);
        for (int i = 0; i < count; i++) {
            registers.holding(address + i, word(request, 6 + 2 * i));
        }
        return head(request);
    }

    private byte[] maskWrite(byte[] request) throws ExceptionAnswer {
        int address = single(request);
        int and = word(request, 3);
        registers.holding(address, registers.holding(address) & and | word(request, 5) & ~and);
        return request;
    }

    private static void data(byte[] request, int length) throws ExceptionAnswer {
        if ((request[5] & 0xFF) != length || request.length != 6 + length) {
            throw new ExceptionAnswer(ExceptionAnswer.ILLEGAL_VALUE);
        }
    }

    private static byte[] head(byte[] request) {
        return java.util.Arrays.copyOf(request, 5);
    }

    private static int word(byte[] bytes, int at) throws ExceptionAnswer {
        if (bytes.length < at + 2) {
            throw new ExceptionAnswer(ExceptionAnswer.ILLEGAL_VALUE);
        }
        return (bytes[at] & 0xFF) << 8 | bytes[at + 1] & 0xFF;
    }
}
