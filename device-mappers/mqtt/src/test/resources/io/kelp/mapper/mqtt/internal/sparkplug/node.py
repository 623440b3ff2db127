# An edge node of pysparkplug for tests: group "plant", node "cell", device "press". Lines in: "temp 21.5", "mute 3" (lose that many
# sequence numbers), "gone", "born", "die" (as a power cut). Lines out: what it was told.
import itertools
import os
import sys

import pysparkplug as sp

now = sp.get_current_timestamp


def metrics():
    return [
        sp.Metric(timestamp=now(), name="temp", datatype=sp.DataType.DOUBLE, value=20.0, alias=1),
        sp.Metric(timestamp=now(), name="count", datatype=sp.DataType.INT32, value=-7),
        sp.Metric(timestamp=now(), name="small", datatype=sp.DataType.INT8, value=-1),
        sp.Metric(timestamp=now(), name="big", datatype=sp.DataType.UINT32, value=4294967295),
        sp.Metric(timestamp=now(), name="on", datatype=sp.DataType.BOOLEAN, value=False),
        sp.Metric(timestamp=now(), name="mode", datatype=sp.DataType.STRING, value="auto"),
    ]


def birth(node):
    setattr(node, "_EdgeNode__seq_cycler", itertools.cycle(range(256)))
    # pysparkplug has already made the number of the next connection; a rebirth has that of this one.
    number = sp.Metric(timestamp=now(), name="bdSeq", datatype=sp.DataType.INT64, value=(node._bd_seq_metric.value - 1) % 256)
    client = node._client
    client.publish(sp.Message(topic=sp.Topic(message_type=sp.MessageType.NBIRTH, group_id="plant", edge_node_id="cell"),
                              payload=sp.NBirth(timestamp=now(), seq=node._seq, metrics=(*node.metrics.values(), number)),
                              qos=sp.QoS.AT_MOST_ONCE, retain=False), include_dtypes=True)
    for device in node.devices.values():
        client.publish(sp.Message(topic=sp.Topic(message_type=sp.MessageType.DBIRTH, group_id="plant", edge_node_id="cell", device_id=device.device_id),
                                  payload=sp.DBirth(timestamp=now(), seq=node._seq, metrics=tuple(device.metrics.values())),
                                  qos=sp.QoS.AT_MOST_ONCE, retain=False), include_dtypes=True)


def on_node(node, message):
    for metric in message.payload.metrics:
        print("node", metric.name, metric.value, flush=True)
        if metric.name == "Node Control/Rebirth":
            birth(node)


def on_device(node, message):
    for metric in message.payload.metrics:
        print("device", metric.name, metric.value, flush=True)
        node.update_device("press", [sp.Metric(timestamp=now(), name=metric.name, datatype=metric.datatype, value=metric.value)])


node = sp.EdgeNode("plant", "cell", [sp.Metric(timestamp=now(), name="load", datatype=sp.DataType.FLOAT, value=0.5)], cmd_callback=on_node)
node.register(sp.Device("press", metrics(), cmd_callback=on_device))
node.connect("127.0.0.1", port=int(sys.argv[1]))
print("ready", flush=True)
for line in sys.stdin:
    words = line.split()
    if words[0] == "temp":
        node.update_device("press", [sp.Metric(timestamp=now(), name="temp", datatype=sp.DataType.DOUBLE, value=float(words[1]))])
    elif words[0] == "mute":
        for _ in range(int(words[1])):
            node._seq
    elif words[0] == "gone":
        node.deregister("press")
    elif words[0] == "born":
        node.register(sp.Device("press", metrics(), cmd_callback=on_device))
    elif words[0] == "die":
        os._exit(1)
os._exit(0)
