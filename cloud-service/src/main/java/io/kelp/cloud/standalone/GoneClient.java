package io.kelp.cloud.standalone;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Notices at once that the client of a silent watch over HTTP/1.1 has gone. Nobody reads from such a connection while it is
 * being answered; here somebody does, so the connection cannot be used again afterwards and is closed with the answer.
 * HTTP/2 reads all the time.
 */
final class GoneClient implements Callback {

    private final EndPoint connection;
    private final Answer answer;

    private GoneClient(EndPoint connection, Answer answer) {
        this.connection = connection;
        this.answer = answer;
    }

    static void notice(Request request, Response response, Answer answer) {
        if (request.getConnectionMetaData().getHttpVersion() != HttpVersion.HTTP_1_1) {
            return;
        }
        response.getHeaders().put(HttpHeader.CONNECTION, "close");
        EndPoint connection = request.getConnectionMetaData().getConnection().getEndPoint();
        connection.tryFillInterested(new GoneClient(connection, answer));
    }

    @Override
    public void succeeded() {
        try {
            ByteBuffer one = ByteBuffer.allocate(1).limit(0);
            int filled = connection.fill(one);
            if (filled < 0) {
                answer.fail(new IOException("the client is gone"));
            } else if (filled == 0) {
                connection.tryFillInterested(this);
            }
            // A client that goes on sending does not get read: it has closed its answer's end for this protocol.
        } catch (IOException e) {
            answer.fail(e);
        }
    }

    @Override
    public void failed(Throwable problem) {
        answer.fail(new IOException("the client is gone", problem));
    }

    @Override
    public InvocationType getInvocationType() {
        return InvocationType.NON_BLOCKING;
    }
}
