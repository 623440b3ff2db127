# A host application of pysparkplug for tests. Lines out: what nodes of group "plant" say. Lines in: "set DEVICE METRIC TYPE VALUE",
# "rebirth", "state true|false".
import json
import sys
import time

import paho.mqtt.client as mqtt
import pysparkplug as sp

births = {}
now = sp.get_current_timestamp


def on_message(client, user, message):
    topic = sp.Topic.from_str(message.topic)
    if topic.message_type in (sp.MessageType.NCMD, sp.MessageType.DCMD):
        return
    key = (topic.edge_node_id, topic.device_id)
    said = sp.Message.from_mqtt_message(message, birth=births.get(key))
    if topic.message_type in (sp.MessageType.NBIRTH, sp.MessageType.DBIRTH):
        births[key] = said.payload
    values = {m.name: m.value for m in getattr(said.payload, "metrics", ())}
    if topic.message_type == sp.MessageType.NDEATH:
        values = {"bdSeq": said.payload.bd_seq_metric.value}
    print(json.dumps([topic.message_type.name, topic.device_id or "", getattr(said.payload, "seq", -1), values], default=str), flush=True)


try:
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION1)
except AttributeError:
    client = mqtt.Client()
client.on_message = on_message
client.on_subscribe = lambda *a: print("ready", flush=True)
client.connect("127.0.0.1", int(sys.argv[1]))
client.loop_start()
client.subscribe("spBv1.0/plant/#", 1)
for line in sys.stdin:
    words = line.split()
    if words[0] == "set":
        metric = sp.Metric(timestamp=now(), name=words[2], datatype=sp.DataType[words[3]], value=json.loads(words[4]))
        payload = sp.DCmd(timestamp=now(), metrics=(metric,)).encode(include_dtypes=True)
        client.publish("spBv1.0/plant/DCMD/gate/" + words[1], payload)
    elif words[0] == "rebirth":
        metric = sp.Metric(timestamp=now(), name="Node Control/Rebirth", datatype=sp.DataType.BOOLEAN, value=True)
        client.publish("spBv1.0/plant/NCMD/gate", sp.NCmd(timestamp=now(), metrics=(metric,)).encode(include_dtypes=True))
    elif words[0] == "state":
        client.publish("spBv1.0/STATE/scada", json.dumps({"online": words[1] == "true", "timestamp": int(time.time() * 1000)}), 1, True)
