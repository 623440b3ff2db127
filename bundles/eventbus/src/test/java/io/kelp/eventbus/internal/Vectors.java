package io.kelp.eventbus.internal;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.kelp.message.MalformedMessageException;
import io.kelp.message.Message;
import io.kelp.message.MessageCodec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Recorded traffic of stock peers, from the class path. */
final class Vectors {

    private Vectors() {}

    /** The events of a file, without its title. */
    static List<JsonElement> events(String name) throws IOException {
        try (InputStream in = Vectors.class.getResourceAsStream("/vectors/" + name + ".jsonl");
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return reader.lines().skip(1).map(JsonParser::parseString).toList();
        }
    }

    static Message message(JsonElement event) throws MalformedMessageException {
        return MessageCodec.decode(event.getAsJsonObject().get("msg").toString());
    }
}
