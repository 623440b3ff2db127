package io.kelp.history.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.control.ControlCommand.Result;
import io.kelp.devicetwin.DeviceTwins.Device;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.Generation;
import io.kelp.devicetwin.DeviceTwins.Twin;
import io.kelp.history.DeviceHistory;
import io.kelp.history.DeviceHistory.Point;
import io.kelp.message.Message;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** What {@code kelp device history} and the cloud are told. */
class AnswersTest {

    private static final Instant NOON = Instant.parse("2030-01-31T12:00:00Z");
    private static final Device PRESS = new Device(new DeviceId("default", "press"), Generation.MODERN, null, null, "",
            Map.of("pressure", new Twin("float", null, null, "")));

    private final List<String> asked = new ArrayList<>();
    private List<Point> points = List.of();
    private final DeviceHistory history = (device, property, from, to, most) -> {
        asked.add(Instant.ofEpochMilli(from) + " " + Instant.ofEpochMilli(to) + " " + most);
        return property.equals("pressure") ? points : List.of();
    };
    private final HistoryVerb verb = new HistoryVerb(history);

    private Result run(String... words) {
        return verb.run(PRESS, List.of(words), NOON);
    }

    @Test
    void theTerminalShowsBarsAndATable() {
        points = List.of(new Point(NOON.toEpochMilli() - 3_600_000, 60, 1, 1.5, 2, null), new Point(NOON.toEpochMilli() - 30_000, 2, 3, 3.25, 4, null));
        Result result = run("pressure");
        assertEquals(0, result.exitCode());
        assertEquals("▁" + " ".repeat(58) + "█  1 to 4", result.lines().get(0));
        assertEquals("2030-01-31T11:59:30Z           2              3           3.25              4", result.lines().get(3));
        assertEquals("2030-01-31T11:00:00Z 2030-01-31T12:00:00.001Z 24", asked.get(0));
    }

    @Test
    void csvAndTimesAreUnderstood() {
        points = List.of(new Point(NOON.toEpochMilli(), 2, 0, 0, 0, "say \"a,b\""));
        assertEquals(List.of("time,count,minimum,mean,maximum,text", "2030-01-31T12:00:00Z,2,,,,\"say \"\"a,b\"\"\""),
                run("pressure", "--since", "2030-01-30", "--until", "2030-01-31T13:00+01:00", "--csv", "--points", "7").lines());
        assertEquals("2030-01-30T00:00:00Z 2030-01-31T12:00:00Z 7", asked.get(0));
        run("pressure", "--since", "7d");
        assertTrue(asked.get(1).startsWith("2030-01-24T12:00:00Z"), asked.get(1));
    }

    @Test
    void csvOfNothingIsItsHeaderAlone() {
        assertEquals(Result.ok("time,count,minimum,mean,maximum,text"), run("pressure", "--csv"));
        assertEquals(3, run("speed", "--csv").exitCode());
        assertTrue(run("pressure").lines().get(0).startsWith("Nothing was reported"));
    }

    @Test
    void wrongUseIsSaidWithARemedy() {
        assertEquals(2, run().exitCode());
        assertTrue(run().lines().get(0).contains("pressure"));
        assertEquals(2, run("pressure", "--since", "yesterday").exitCode());
        assertEquals(2, run("pressure", "--points", "0").exitCode());
        assertEquals(2, run("pressure", "--points").exitCode());
        assertEquals(2, run("pressure", "--until", "2d", "--since", "1d").exitCode());
        assertEquals(3, run("speed").exitCode());
        assertEquals(0, run("pressure").exitCode());
    }

    private JsonObject ask(String resource, String question, Predicate<String> known) {
        return CloudQuestions.answer(history, (device, property) -> known.test(property), resource, JsonParser.parseString(question));
    }

    @Test
    void theCloudGetsPoints() {
        points = List.of(new Point(5, 2, 1, 1.5, 2, null), new Point(9, 1, 0, 0, 0, "ON"));
        assertEquals(JsonParser.parseString("{'id':'q1','property':'pressure','points':[[5,2,1.0,1.5,2.0],[9,1,'ON']],'complete':true}"),
                ask("default/device/press", "{'id':'q1','property':'pressure','from':0,'to':10,'most':100000}", p -> true));
        assertTrue(asked.get(0).endsWith(" 2000"), "never more than 2000 points");
    }

    @Test
    void theCloudIsToldWhatIsWrongWithItsQuestion() {
        assertTrue(ask("default/device/press", "{'id':'q1','property':'speed','from':0,'to':10}", p -> false).get("message").getAsString().contains("speed"));
        assertFalse(ask("default/device/press", "{'id':'q1','property':'speed','from':0,'to':10}", p -> true).has("message"));
        for (String question : List.of("[]", "{}", "{'id':{},'property':'p'}", "{'id':'q','property':'pressure','from':'x','to':1}",
                "{'id':'q','property':'pressure','from':1e999,'to':1}", "{'id':'q','property':'pressure','from':null,'to':1}")) {
            JsonObject answer = ask("default/device/press", question, p -> true);
            assertTrue(answer.has("points") && answer.get("complete").getAsBoolean(), question);
        }
        assertTrue(ask("nonsense", "{'id':'q'}", p -> true).has("message"));
    }

    @Test
    void onlyQuestionsAboutHistoryAreClaimed() {
        assertTrue(CloudQuestions.claims(Message.create("kelp", "device", "history", "default/device/press", null)));
        assertFalse(CloudQuestions.claims(Message.create("kelp", "device", "call", "default/device/press/method/x", null)));
        assertFalse(CloudQuestions.claims(Message.create("devicecontroller", "device", "history", "default/device/press", null)));
    }
}
