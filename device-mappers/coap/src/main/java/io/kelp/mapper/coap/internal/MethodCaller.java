package io.kelp.mapper.coap.internal;

import io.kelp.mapper.PropertyType;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.RequestRefusedException;
import io.kelp.mapper.coap.internal.codec.Cbor;
import io.kelp.mapper.coap.internal.codec.Format;
import io.kelp.mapper.coap.internal.codec.Json;
import io.kelp.mapper.coap.internal.codec.JsonText;
import io.kelp.mapper.coap.internal.codec.MalformedPayloadException;
import io.kelp.mapper.coap.internal.codec.Senml;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;

/** Carries out methods of a device: arguments as one object to a path, the answer as names and values. */
record MethodCaller(Peer peer, DeviceSettings settings) {

    /** Under what an answer that has no names of its own is given back. */
    private static final String ANSWER = "answer";
    private static final int MOST_VALUES = 100;

    Map<String, String> call(DeviceSettings.MethodCall method, Map<String, PropertyValue> arguments) throws IOException, InterruptedException {
        Request request = peer.request(Code.valueOf(method.verb()), method.resource());
        if (!arguments.isEmpty()) {
            if (method.verb().equals("GET")) {
                arguments.forEach((name, value) -> request.getOptions().addUriQuery(name + "=" + value.asText()));
            } else {
                request.getOptions().setContentFormat(settings.methodFormat().number());
                request.setPayload(payload(arguments));
            }
        }
        Response response = peer.ask(request);
        if (!response.isSuccess()) {
            throw Peer.refused(method.verb(), method.resource(), response);
        }
        return answer(method, response);
    }

    private byte[] payload(Map<String, PropertyValue> arguments) throws RequestRefusedException {
        Map<Object, Object> plain = new LinkedHashMap<>();
        arguments.forEach((name, value) -> plain.put(name, Shape.toPlain(value)));
        return switch (settings.methodFormat()) {
            case JSON -> JsonText.of(plain).getBytes(StandardCharsets.UTF_8);
            case CBOR -> Cbor.encode(plain);
            case TEXT, OCTETS -> {
                if (arguments.size() > 1) {
                    throw new RequestRefusedException("a method of format " + settings.methodFormat().word() + " takes one argument, not " + arguments.size());
                }
                PropertyValue only = arguments.values().iterator().next();
                yield only instanceof PropertyValue.Bytes bytes ? bytes.value() : only.asText().getBytes(StandardCharsets.UTF_8);
            }
            case SENML_JSON, SENML_CBOR -> Senml.encode(settings.methodFormat(), plain);
        };
    }

    private static Map<String, String> answer(DeviceSettings.MethodCall method, Response response) throws RequestRefusedException {
        byte[] payload = response.getPayload() == null ? new byte[0] : response.getPayload();
        Map<String, String> values = new LinkedHashMap<>();
        if (payload.length == 0) {
            return values;
        }
        Format format = Format.ofNumber(response.getOptions().hasContentFormat() ? response.getOptions().getContentFormat() : 0).orElse(Format.OCTETS);
        try {
            switch (format) {
                case TEXT -> values.put(ANSWER, new String(payload, StandardCharsets.UTF_8));
                case OCTETS -> values.put(ANSWER, PropertyValue.of(payload).asText());
                case JSON -> put(values, Json.decode(payload));
                case CBOR -> put(values, Cbor.decode(payload));
                case SENML_JSON, SENML_CBOR -> Senml.decode(format, payload, 0).stream().limit(MOST_VALUES)
                        .forEach(e -> values.put(e.name().isEmpty() ? ANSWER : e.name(), text(e.value())));
            }
        } catch (MalformedPayloadException e) {
            throw new RequestRefusedException(method.verb() + " " + method.resource() + " was done, but its answer is not understood: "
                    + e.getMessage(), e);
        }
        return values;
    }

    private static void put(Map<String, String> values, Object document) {
        if (document instanceof Map<?, ?> map) {
            map.entrySet().stream().limit(MOST_VALUES).forEach(e -> values.put(String.valueOf(e.getKey()), text(e.getValue())));
        } else {
            values.put(ANSWER, text(document));
        }
    }

    private static String text(Object value) {
        if (value instanceof Double real) {
            return Double.isFinite(real) ? PropertyType.DOUBLE.format(PropertyValue.of(real)) : String.valueOf(real);
        }
        return value instanceof byte[] bytes ? PropertyValue.of(bytes).asText()
                : value instanceof Map || value instanceof List ? plainText(value) : String.valueOf(value);
    }

    private static String plainText(Object value) {
        try {
            return JsonText.of(value);
        } catch (IllegalArgumentException e) {
            return String.valueOf(value); // a NaN in CBOR has no JSON
        }
    }
}
