package io.kelp.cloud.web;

import com.google.gson.JsonObject;
import io.kelp.cloud.kube.KubeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletionException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers to the page: JSON objects, refusals with {@code error}, a sentence. */
final class Replies {

    private static final Logger LOG = LoggerFactory.getLogger(Replies.class);

    private Replies() {}

    static void json(Response response, Callback callback, int status, JsonObject answer) {
        byte[] body = answer.toString().getBytes(StandardCharsets.UTF_8);
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        response.write(true, ByteBuffer.wrap(body), callback);
    }

    static void refuse(Response response, Callback callback, int status, String sentence) {
        LOG.debug("The page gets {}: {}", status, sentence);
        JsonObject answer = new JsonObject();
        answer.addProperty("error", sentence);
        json(response, callback, status, answer);
    }

    /** The API server's own words when it refused, else why it could not be asked. */
    static void refuse(Response response, Callback callback, Throwable problem) {
        Throwable cause = problem instanceof CompletionException && problem.getCause() != null ? problem.getCause() : problem;
        int code = cause instanceof KubeException refused && refused.code() >= 400 && refused.code() < 600 ? refused.code() : 502;
        refuse(response, callback, code, String.valueOf(cause.getMessage()));
    }

    /** The body was not read, so the connection cannot be used again. */
    static void refuseUnread(Response response, Callback callback, int status, String sentence) {
        response.getHeaders().put(HttpHeader.CONNECTION, "close");
        refuse(response, callback, status, sentence);
    }

    static void notAllowed(Response response, Callback callback, String methods) {
        response.getHeaders().put(HttpHeader.ALLOW, methods);
        refuseUnread(response, callback, 405, "Only " + methods + " here.");
    }
}
