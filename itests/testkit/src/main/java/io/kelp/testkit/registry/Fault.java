package io.kelp.testkit.registry;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** A way to misbehave. */
public interface Fault {

    /** The connection. */
    record Wire(Socket socket, OutputStream out) {

        void text(String text) throws IOException {
            out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    /** @return whether the connection goes on */
    boolean answer(RegistryRequest request, RegistryContent content, Wire wire) throws IOException, InterruptedException;

    /** An answer of one's own. */
    static Fault answer(RegistryAnswer answer) {
        return (request, content, wire) -> answer.write(request, wire.out);
    }

    static Fault status(int status, String... headers) {
        return answer(RegistryAnswer.of(status, headers));
    }

    /** Sends the client to the same path at another server. */
    static Fault redirect(int status, RegistryServer to) {
        return (request, content, wire) -> RegistryAnswer.of(status, "Location", to.url() + request.path() + "?X-Signature=secret").write(request, wire.out);
    }

    static Fault redirect(int status, String location) {
        return status(status, "Location", location);
    }

    /** The right answer, but the connection ends after so many bytes of its body. */
    static Fault truncated(int bytes) {
        return (request, content, wire) -> {
            partly(request, content, wire, bytes);
            return false;
        };
    }

    /** The right answer, but the connection is reset after so many bytes of its body. */
    static Fault reset(int bytes) {
        return (request, content, wire) -> {
            partly(request, content, wire, bytes);
            wire.socket.setSoLinger(true, 0);
            return false;
        };
    }

    /** The right answer, but after so many bytes of its body nothing comes for a while. */
    static Fault stalled(int bytes, long millis) {
        return (request, content, wire) -> {
            partly(request, content, wire, bytes);
            Thread.sleep(millis);
            return false;
        };
    }

    /** The right answer, a few bytes at a time. */
    static Fault slow(int bytes, long pauseMillis) {
        return (request, content, wire) -> {
            RegistryAnswer right = content.answer(request);
            wire.text(right.head("HTTP/1.1", right.body().length));
            for (int at = 0; at < right.body().length; at += bytes) {
                wire.out.write(right.body(), at, Math.min(bytes, right.body().length - at));
                wire.out.flush();
                Thread.sleep(pauseMillis);
            }
            return true;
        };
    }

    private static void partly(RegistryRequest request, RegistryContent content, Wire wire, int bytes) throws IOException {
        RegistryAnswer right = content.answer(request);
        wire.text(right.head("HTTP/1.1", right.body().length));
        wire.out.write(right.body(), 0, Math.min(bytes, right.body().length));
        wire.out.flush();
    }

    /** The whole content, whatever part was asked for. */
    static Fault withoutRanges() {
        return (request, content, wire) -> {
            Map<String, String> headers = new LinkedHashMap<>(request.headers());
            headers.remove("range");
            return content.answer(new RegistryRequest(request.method(), request.path(), request.query(), headers, request.body())).write(request, wire.out);
        };
    }

    /** Part of a whole by its headers, another part in truth. */
    static Fault wrongRange() {
        return (request, content, wire) -> new RegistryAnswer(206, Map.of("Content-Range", "bytes 0-9/10"), new byte[10]).write(request, wire.out);
    }

    /** Claims to be complete with fewer bytes than there are. */
    static Fault shorter(int bytes) {
        return (request, content, wire) -> {
            RegistryAnswer right = content.answer(request);
            return new RegistryAnswer(right.status(), right.headers(), java.util.Arrays.copyOf(right.body(), bytes)).write(request, wire.out);
        };
    }

    /** The right content by HTTP/1.0: no length, the end of the connection ends it. */
    static Fault http10() {
        return (request, content, wire) -> {
            RegistryAnswer right = content.answer(request);
            wire.text(right.head("HTTP/1.0", -1));
            wire.out.write(right.body());
            wire.out.flush();
            return false;
        };
    }

    /** A text without end, as long as it is taken. */
    static Fault endless(String head) {
        return (request, content, wire) -> {
            wire.text("HTTP/1.1 200 OK\r\nContent-Type: application/vnd.oci.image.manifest.v1+json\r\n\r\n" + head);
            byte[] filler = " ".repeat(8192).getBytes(StandardCharsets.ISO_8859_1);
            while (true) {
                wire.out.write(filler);
            }
        };
    }

    /** Ends the connection without an answer. */
    static Fault nothing() {
        return (request, content, wire) -> false;
    }
}
