package io.kelp.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.Test;

class CableTest {

    @Test
    void isSilentWhileItIsCutAndPassesNewConnectionsAfterwards() throws Exception {
        try (ServerSocket echo = new ServerSocket(0, 50, InetAddress.getLoopbackAddress()); Cable cable = new Cable(echo.getLocalPort())) {
            Thread server = new Thread(() -> serve(echo));
            server.start();
            try (Socket client = client(cable)) {
                assertEquals('a', ask(client, 'a'));
                cable.cut();
                assertThrows(SocketTimeoutException.class, () -> ask(client, 'b'));
                assertTrue(cable.isCut());
                try (Socket late = client(cable)) {
                    assertThrows(SocketTimeoutException.class, () -> ask(late, 'c'));
                }
                cable.repair();
                assertEquals(-1, client.getInputStream().read(), "what was open is broken");
            }
            try (Socket client = client(cable)) {
                assertEquals('d', ask(client, 'd'));
                cable.cutAfter(1);
                assertEquals('e', ask(client, 'e'));
                assertThrows(SocketTimeoutException.class, () -> ask(client, 'f'));
            }
        }
    }

    private static Socket client(Cable cable) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), cable.port());
        socket.setSoTimeout(200);
        return socket;
    }

    private static int ask(Socket socket, int what) throws IOException {
        socket.getOutputStream().write(what);
        return socket.getInputStream().read();
    }

    private static void serve(ServerSocket echo) {
        try {
            while (true) {
                Socket client = echo.accept();
                new Thread(() -> {
                    try (client) {
                        client.getInputStream().transferTo(client.getOutputStream());
                    } catch (IOException e) {
                        return; // the cable was cut
                    }
                }).start();
            }
        } catch (IOException e) {
            return; // the test is over
        }
    }
}
