package io.kelp.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.kelp.testkit.Recording;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageCodecTest {

    static final List<String> RECORDINGS = Recording.ALL;

    @ParameterizedTest
    @FieldSource("RECORDINGS")
    void recordedMessagesSurviveReadingAndWriting(String name) throws MalformedMessageException {
        int messages = 0;
        for (JsonObject event : Recording.events(name)) {
            if (Recording.isChannelMessage(event) && event.get("msg").isJsonObject()) {
                JsonObject recorded = event.getAsJsonObject("msg");
                Message message = MessageCodec.decode(recorded.toString());
                assertEquals(recorded, JsonParser.parseString(MessageCodec.encode(message)));
                messages++;
            }
        }
        assertTrue(messages > 0, "no message in " + name);
    }

    @Test
    void membersStandInTheOrderOfStockPeers() {
        Message message = new Message(new Message.Header("id", "parent", 5, "7"),
                new Message.Route("s", "g", "o", "r"), new JsonPrimitive("OK"));
        assertEquals("{\"header\":{\"msg_id\":\"id\",\"parent_msg_id\":\"parent\",\"timestamp\":5,\"resourceversion\":\"7\"},"
                + "\"route\":{\"source\":\"s\",\"group\":\"g\",\"operation\":\"o\",\"resource\":\"r\"},\"content\":\"OK\"}\n",
                MessageCodec.encode(message));
    }

    @Test
    void numbersKeepAllTheirDigits() throws MalformedMessageException {
        String text = "{\"header\":{\"msg_id\":\"\",\"timestamp\":0},\"route\":{},\"content\":{\"n\":9007199254740993,\"f\":1.10}}\n";
        assertEquals(text, MessageCodec.encode(MessageCodec.decode(text)));
    }

    @Test
    void theFarewellOfAStockEdgeIsAMessage() throws MalformedMessageException {
        Message farewell = MessageCodec.decode("{\"header\":{\"msg_id\":\"\",\"timestamp\":0},\"route\":{},\"content\":null}");
        assertEquals("", farewell.operation());
    }

    @Test
    void whatFollowsTheDocumentIsIgnored() throws MalformedMessageException {
        assertEquals("x", MessageCodec.decode("{\"header\":{\"msg_id\":\"x\"},\"route\":{}}\n garbage").id());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "7", "\"text\"", "{", "{}", "{\"header\":{}}", "{\"route\":{},\"header\":7}",
        "{\"header\":{\"msg_id\":7},\"route\":{}}", "{\"header\":{\"timestamp\":\"x\"},\"route\":{}}", "{\"header\":{},\"route\":[]}",
        "{\"header\":{},\"route\":{},\"content\":{\"a\":}}", "{'header':{},'route':{}}", "{\"header\":{},\"route\":{},\"content\":NaN}"})
    void refusesWhatIsNoMessage(String text) {
        assertThrows(MalformedMessageException.class, () -> MessageCodec.decode(text));
    }

    @Test
    void refusesNestingThatWouldExhaustTheStack() {
        String deep = "[".repeat(100_000);
        assertThrows(MalformedMessageException.class,
                () -> MessageCodec.decode("{\"header\":{},\"route\":{},\"content\":" + deep));
    }

    @Test
    void mutatedMessagesAreReadOrRefusedButNeverBreakTheReader() {
        String sound = MessageCodec.encode(Message.create("edged", "meta", "insert", "null/node/edge", JsonParser.parseString("{\"a\":[1,\"x\",null]}")));
        Random random = new Random(20_261_121);
        for (int i = 0; i < 50_000; i++) {
            StringBuilder text = new StringBuilder(sound);
            for (int n = random.nextInt(4); n >= 0; n--) {
                text.setCharAt(random.nextInt(text.length()), (char) random.nextInt(256));
            }
            try {
                MessageCodec.encode(MessageCodec.decode(text.toString()));
            } catch (MalformedMessageException expected) {
                assertTrue(expected.getMessage().startsWith("not a channel message"));
            }
        }
    }

    @Test
    void contentMayBeJsonInsideAString() throws MalformedMessageException {
        Message message = Message.create("twin", "resource", "update", "device/x/state/update", new JsonPrimitive("{\"a\":1}"));
        assertEquals(1, MessageCodec.object(message).get("a").getAsInt());
    }
}
