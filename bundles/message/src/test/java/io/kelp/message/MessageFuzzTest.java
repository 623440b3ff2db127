package io.kelp.message;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;

/**
 * Coverage-guided fuzzing of what a peer can send. A plain test run tries the kept corpus
 * (resources {@code …/MessageFuzzTestInputs}); with {@code JAZZER_FUZZ=1} new inputs are sought for a minute each.
 */
@Tag("slow")
class MessageFuzzTest {

    @FuzzTest(maxDuration = "20s")
    void whatIsReadIsWrittenAlike(byte[] input) {
        Message message;
        try {
            message = MessageCodec.decode(new String(input, StandardCharsets.UTF_8));
        } catch (MalformedMessageException refused) {
            return;
        }
        String once = MessageCodec.encode(message);
        try {
            assertEquals(JsonParser.parseString(once), JsonParser.parseString(MessageCodec.encode(MessageCodec.decode(once))));
        } catch (MalformedMessageException e) {
            throw new AssertionError("our own text is refused: " + once, e);
        }
    }

    @FuzzTest(maxDuration = "20s")
    void whatIsAPathIsWrittenAlike(byte[] input) {
        String text = new String(input, StandardCharsets.UTF_8);
        ResourcePath.parse(text).ifPresent(path -> assertEquals(text, path.toString()));
        ResourcePath.withoutNode(text);
    }
}
