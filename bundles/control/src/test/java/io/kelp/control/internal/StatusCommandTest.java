package io.kelp.control.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.control.Problem;
import io.kelp.control.StatusReport;
import java.util.List;
import org.junit.jupiter.api.Test;

class StatusCommandTest {

    private static List<String> lines(String members) {
        return lines(members, "");
    }

    private static List<String> lines(String members, String problems) {
        JsonObject status = JsonParser.parseString("""
                {"pid": 7, "version": "1", "uptimeSeconds": 61, "home": "/opt/kelp", "node": "edge-a", "link": null, "mqttPort": 1883,
                "memory": {"residentMiB": 60, "heapUsedMiB": 10, "heapMaxMiB": 40}, "problems": [%s], %s}""".formatted(problems, members)).getAsJsonObject();
        return new StatusCommand(new StatusReport() {
            @Override
            public JsonObject status() {
                return status;
            }

            @Override
            public List<Problem> problems() {
                return List.of();
            }
        }).run(List.of()).lines();
    }

    @Test
    void whatBundlesSayIsReadable() {
        List<String> lines = lines("""
                "history": {"properties": 3, "bytes": 4096, "values": 17},
                "push": [{"destination": "http://a:80", "waiting": 0, "sent": 12}, {"destination": "tcp://b:1883", "waiting": 3, "sent": 0}],
                "pods": [], "names": ["a", "b"], "deep": {"of": {"it": 1}}""");
        int at = lines.indexOf("history    properties 3, bytes 4096, values 17");
        assertTrue(at > 0, lines::toString);
        assertEquals(List.of("push       destination http://a:80, waiting 0, sent 12", "           destination tcp://b:1883, waiting 3, sent 0",
                "pods       []", "names      [\"a\",\"b\"]", "deep       {\"of\":{\"it\":1}}"), lines.subList(at + 1, at + 6));
    }

    @Test
    void aProblemSaysWhatItIsAboutEvenIfItsSentenceDoesNot() {
        List<String> lines = lines("\"push\": []", """
                {"code": "DESIRED-REFUSED", "sentence": "the desired value \\"x\\" is no value of type int", "where": "default/pump-1 speed",
                 "remedy": "Set another.", "since": "2030-01-31T12:00:00Z"},
                {"code": "DEVICE-UNREACHABLE", "sentence": "Device default/pump-1 does not answer", "where": "default/pump-1",
                 "remedy": "Check its power.", "since": "2030-01-31T12:00:00Z"},
                {"code": "SOMETHING", "sentence": "All is said here", "where": "", "remedy": "Wait.", "since": "2030-01-31T12:00:00Z"}""");
        assertTrue(lines.contains("problem    DESIRED-REFUSED: the desired value \"x\" is no value of type int (default/pump-1 speed)"), lines::toString);
        assertTrue(lines.contains("problem    DEVICE-UNREACHABLE: Device default/pump-1 does not answer"), lines::toString);
        assertTrue(lines.contains("problem    SOMETHING: All is said here"), lines::toString);
    }
}
