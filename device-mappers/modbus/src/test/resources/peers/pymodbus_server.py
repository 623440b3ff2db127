# Server of all four tables for the tests of the Modbus mapper: PORT UNITS, with pymodbus 3.11.
import asyncio
import sys

from pymodbus.datastore import (ModbusDeviceContext, ModbusSequentialDataBlock,
                                ModbusServerContext)
from pymodbus.server import StartAsyncTcpServer


def unit(number):
    # Data blocks of this version are addressed from 1 where the wire has 0.
    return ModbusDeviceContext(
        di=ModbusSequentialDataBlock(1, [i % 3 == 0 for i in range(200)]),
        co=ModbusSequentialDataBlock(1, [False] * 200),
        hr=ModbusSequentialDataBlock(1, [i + number for i in range(200)]),
        ir=ModbusSequentialDataBlock(1, [i * 7 for i in range(200)]))


units = {i: unit(i) for i in range(1, int(sys.argv[2]) + 1)}
asyncio.run(StartAsyncTcpServer(ModbusServerContext(devices=units, single=False),
                                address=("127.0.0.1", int(sys.argv[1]))))
