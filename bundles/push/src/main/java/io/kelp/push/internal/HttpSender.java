package io.kelp.push.internal;

import io.kelp.push.internal.SendException.Remedy;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSocketFactory;

/**
 * Posts values. {@link HttpURLConnection} because it needs no thread of its own and keeps
 * connections open between values; the HTTP client of {@code java.net.http} brings a selector
 * thread, a pool and some MiB of classes for HTTP/2.
 */
final class HttpSender implements Sender {

    private static final int MOST_ANSWER = 65_536;
    private static final int TOO_MANY = 429;

    private final Payloads payloads;
    private final SSLSocketFactory sockets;
    private final ScheduledExecutorService deadlines;

    HttpSender(Payloads payloads, SSLSocketFactory sockets, ScheduledExecutorService deadlines) {
        this.payloads = payloads;
        this.sockets = sockets;
        this.deadlines = deadlines;
    }

    @Override
    public void send(Item item, int timeoutMillis) throws SendException {
        String url = item.target().destination() + item.target().path();
        HttpURLConnection connection = null;
        ScheduledFuture<?> deadline = null;
        try {
            connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
            if (connection instanceof HttpsURLConnection secure) {
                secure.setSSLSocketFactory(sockets);
            }
            connection.setConnectTimeout(timeoutMillis);
            connection.setReadTimeout(timeoutMillis);
            // A server that answers byte by byte would never time out otherwise.
            deadline = deadlines.schedule(connection::disconnect, 2L * timeoutMillis, TimeUnit.MILLISECONDS);
            int status = post(connection, payloads.http(item));
            if (status >= 200 && status < 300) {
                return;
            }
            String sentence = url + " answers " + status;
            if (status >= 500 || status == HttpURLConnection.HTTP_CLIENT_TIMEOUT || status == TOO_MANY) {
                throw new SendException(Remedy.RETRY, sentence);
            }
            throw new SendException(Remedy.DROP, sentence);
        } catch (IllegalArgumentException e) {
            throw new SendException(Remedy.DROP, url + " is no address: " + e.getMessage());
        } catch (IOException e) {
            if (connection != null) {
                connection.disconnect();
            }
            throw new SendException(Remedy.WAIT, url + ": " + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()));
        } finally {
            if (deadline != null) {
                deadline.cancel(false);
            }
        }
    }

    private int post(HttpURLConnection connection, byte[] body) throws IOException {
        connection.setRequestMethod("POST");
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        connection.setDoOutput(true);
        connection.setRequestProperty("Content-Type", payloads.contentType());
        connection.setRequestProperty("User-Agent", "kelp");
        connection.setFixedLengthStreamingMode(body.length); // else the JDK sends again by itself
        try (OutputStream out = connection.getOutputStream()) {
            out.write(body);
        }
        int status = connection.getResponseCode();
        if (status < 0) {
            throw new IOException("the answer is no HTTP");
        }
        // Read to the end, the connection is used again.
        try (InputStream answer = status >= 400 ? connection.getErrorStream() : connection.getInputStream()) {
            if (answer != null && answer.readNBytes(MOST_ANSWER).length == MOST_ANSWER) {
                connection.disconnect();
            }
        } catch (IOException e) {
            connection.disconnect(); // it has said what we wanted to know
        }
        return status;
    }

    /** Connections end by themselves some seconds after the last value. */
    @Override
    public void close() {}
}
