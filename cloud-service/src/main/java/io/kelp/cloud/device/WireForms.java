package io.kelp.cloud.device;

import static io.kelp.cloud.device.GoStruct.alwaysText;
import static io.kelp.cloud.device.GoStruct.given;
import static io.kelp.cloud.device.GoStruct.ifGiven;
import static io.kelp.cloud.device.GoStruct.list;
import static io.kelp.cloud.device.GoStruct.nonEmpty;
import static io.kelp.cloud.device.GoStruct.struct;

import com.google.gson.JsonObject;

/** Devices and models in the form that gateways get them (specification sections 1.2 to 1.5). */
final class WireForms {

    private static final GoStruct VALUE = GoStruct.of(alwaysText("value"), nonEmpty("metadata"));
    private static final GoStruct NAMED_CONFIG = GoStruct.of(nonEmpty("protocolName"), given("configData"));
    private static final GoStruct MODEL_REF = GoStruct.of(nonEmpty("name"));

    private static final GoStruct OPCUA = GoStruct.of(nonEmpty("url"), nonEmpty("userName"), nonEmpty("password"),
            nonEmpty("securityPolicy"), nonEmpty("securityMode"), nonEmpty("certificate"), nonEmpty("privateKey"),
            nonEmpty("timeout"));
    private static final GoStruct COMMON = GoStruct.of(
            ifGiven("com", GoStruct.of(nonEmpty("serialPort"), nonEmpty("baudRate"), nonEmpty("dataBits"), nonEmpty("parity"),
                    nonEmpty("stopBits"))),
            ifGiven("tcp", GoStruct.of(nonEmpty("ip"), nonEmpty("port"))), nonEmpty("commType"), nonEmpty("reconnTimeout"),
            nonEmpty("reconnRetryTimes"), nonEmpty("collectTimeout"), nonEmpty("collectRetryTimes"),
            nonEmpty("collectType"), given("customizedValues"));
    private static final GoStruct CLASSIC_PROTOCOL = GoStruct.of(ifGiven("opcua", OPCUA),
            ifGiven("modbus", GoStruct.of(given("slaveID"))), ifGiven("bluetooth", GoStruct.of(nonEmpty("macAddress"))),
            ifGiven("common", COMMON), ifGiven("customizedProtocol", NAMED_CONFIG));
    private static final GoStruct CONVERTER = GoStruct.of(nonEmpty("startIndex"), nonEmpty("endIndex"),
            nonEmpty("shiftLeft"), nonEmpty("shiftRight"),
            list("orderOfOperations", GoStruct.of(nonEmpty("operationType"), nonEmpty("operationValue"))));
    private static final GoStruct VISITOR = GoStruct.of(nonEmpty("propertyName"), nonEmpty("reportCycle"),
            nonEmpty("collectCycle"), given("customizedValues"),
            ifGiven("opcua", GoStruct.of(nonEmpty("nodeID"), nonEmpty("browseName"))),
            ifGiven("modbus", GoStruct.of(nonEmpty("register"), given("offset"), given("limit"), nonEmpty("scale"),
                    nonEmpty("isSwap"), nonEmpty("isRegisterSwap"))),
            ifGiven("bluetooth", GoStruct.of(nonEmpty("characteristicUUID"), nonEmpty("dataWrite"),
                    struct("dataConverter", CONVERTER))),
            ifGiven("customizedProtocol", NAMED_CONFIG));
    private static final GoStruct DATA = GoStruct.of(
            list("dataProperties", GoStruct.of(nonEmpty("propertyName"), nonEmpty("metadata"))), nonEmpty("dataTopic"));
    private static final GoStruct CLASSIC_SPEC = GoStruct.of(ifGiven("deviceModelRef", MODEL_REF),
            struct("protocol", CLASSIC_PROTOCOL), list("propertyVisitors", VISITOR), struct("data", DATA),
            given("nodeSelector"));
    private static final GoStruct CLASSIC_STATUS = GoStruct.of(list("twins",
            GoStruct.of(nonEmpty("propertyName"), struct("desired", VALUE), struct("reported", VALUE))));

    private static final GoStruct DB_METHOD = GoStruct.of(given("influxdb2"),
            ifGiven("redis", GoStruct.of(ifGiven("redisClientConfig",
                    GoStruct.of(nonEmpty("addr"), nonEmpty("db"), nonEmpty("poolsize"), nonEmpty("minIdleConns"))))),
            given("TDEngine"), given("mysql"));
    private static final GoStruct PUSH_METHOD = GoStruct.of(
            ifGiven("http", GoStruct.of(nonEmpty("hostName"), nonEmpty("port"), nonEmpty("requestPath"), nonEmpty("timeout"))),
            ifGiven("mqtt", GoStruct.of(nonEmpty("address"), nonEmpty("topic"), nonEmpty("qos"), nonEmpty("retained"))),
            ifGiven("otel", GoStruct.of(nonEmpty("endpointURL"))), ifGiven("dbMethod", DB_METHOD), given("anomalyDetection"));
    // A stock cloud leaves out a reportToCloud that is false, which means the same to a stock edge; ours tells it from nothing said.
    private static final GoStruct PROPERTY = GoStruct.of(nonEmpty("name"), struct("desired", VALUE),
            struct("visitors", NAMED_CONFIG), nonEmpty("reportCycle"), nonEmpty("collectCycle"), given("reportToCloud"),
            ifGiven("pushMethod", PUSH_METHOD));
    private static final GoStruct MODERN_SPEC = GoStruct.of(ifGiven("deviceModelRef", MODEL_REF), nonEmpty("nodeName"),
            list("properties", PROPERTY), struct("protocol", NAMED_CONFIG),
            list("methods", GoStruct.of(nonEmpty("name"), nonEmpty("description"), nonEmpty("propertyNames"))),
            ifGiven("stateReport", GoStruct.of(nonEmpty("reportToCloud"), nonEmpty("reportCycle"))));
    private static final GoStruct MODERN_STATUS = GoStruct.of(nonEmpty("reportToCloud"), nonEmpty("reportCycle"));

    private static final GoStruct NUMBER = GoStruct.of(nonEmpty("accessMode"), nonEmpty("defaultValue"), nonEmpty("minimum"),
            nonEmpty("maximum"), nonEmpty("unit"));
    private static final GoStruct PLAIN = GoStruct.of(nonEmpty("accessMode"), nonEmpty("defaultValue"));
    private static final GoStruct CLASSIC_TYPE = GoStruct.of(ifGiven("int", NUMBER), ifGiven("string", PLAIN),
            ifGiven("double", NUMBER), ifGiven("float", NUMBER), ifGiven("boolean", PLAIN), ifGiven("bytes", PLAIN));
    private static final GoStruct CLASSIC_MODEL = GoStruct.of(
            list("properties", GoStruct.of(nonEmpty("name"), nonEmpty("description"), struct("type", CLASSIC_TYPE))),
            nonEmpty("protocol"));
    private static final GoStruct MODERN_MODEL = GoStruct.of(
            list("properties", GoStruct.of(nonEmpty("name"), nonEmpty("description"), nonEmpty("type"), nonEmpty("accessMode"),
                    nonEmpty("minimum"), nonEmpty("maximum"), nonEmpty("unit"), ifGiven("visitors", NAMED_CONFIG))),
            nonEmpty("protocol"), given("protocolConfigData"));

    private static final GoStruct CLASSIC_DEVICE = object(struct("spec", CLASSIC_SPEC), struct("status", CLASSIC_STATUS));
    private static final GoStruct MODERN_DEVICE = object(struct("spec", MODERN_SPEC), struct("status", MODERN_STATUS));
    private static final GoStruct CLASSIC_DEVICE_MODEL = GoStruct.of(given("kind"), given("apiVersion"), given("metadata"),
            struct("spec", CLASSIC_MODEL));
    private static final GoStruct MODERN_DEVICE_MODEL = GoStruct.of(given("kind"), given("apiVersion"), given("metadata"),
            struct("spec", MODERN_MODEL));

    private WireForms() {}

    static JsonObject device(JsonObject tree, Generation generation) {
        return versioned((generation == Generation.CLASSIC ? CLASSIC_DEVICE : MODERN_DEVICE).write(tree), generation);
    }

    static JsonObject model(JsonObject tree, Generation generation) {
        return versioned((generation == Generation.CLASSIC ? CLASSIC_DEVICE_MODEL : MODERN_DEVICE_MODEL).write(tree), generation);
    }

    /** {@code status.twins} of a classic device as stock mappers read it. */
    static JsonObject classicStatus(JsonObject status) {
        return CLASSIC_STATUS.write(status);
    }

    private static JsonObject versioned(JsonObject object, Generation generation) {
        object.addProperty("apiVersion", generation.apiVersion());
        return object;
    }

    private static GoStruct object(GoStruct.Field spec, GoStruct.Field status) {
        return GoStruct.of(given("kind"), given("apiVersion"), given("metadata"), spec, status);
    }
}
