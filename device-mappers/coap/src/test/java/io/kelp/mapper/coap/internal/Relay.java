package io.kelp.mapper.coap.internal;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;

/** A NAT between one client and one server, both on this machine, that can forget and take another port towards the server. */
final class Relay {

    private final DatagramSocket inside = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    private final SocketAddress server;
    private volatile DatagramSocket outside;
    private volatile SocketAddress client;
    private volatile boolean closed;

    Relay(int serverPort) throws IOException {
        server = new InetSocketAddress(InetAddress.getLoopbackAddress(), serverPort);
        rebind();
        new Thread(this::forward, "relay").start();
    }

    int port() {
        return inside.getLocalPort();
    }

    /** Forgets: from now on the server sees another address. */
    void rebind() throws IOException {
        DatagramSocket before = outside;
        DatagramSocket fresh = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        outside = fresh;
        if (before != null) {
            before.close();
        }
        new Thread(() -> back(fresh), "relay-back").start();
    }

    private void forward() {
        try {
            while (!closed) {
                DatagramPacket packet = new DatagramPacket(new byte[4096], 4096);
                inside.receive(packet);
                client = packet.getSocketAddress();
                packet.setSocketAddress(server);
                outside.send(packet);
            }
        } catch (SocketException e) {
            // closed
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void back(DatagramSocket from) {
        try {
            while (!closed) {
                DatagramPacket packet = new DatagramPacket(new byte[4096], 4096);
                from.receive(packet);
                packet.setSocketAddress(client);
                inside.send(packet);
            }
        } catch (SocketException e) {
            // rebound, or closed
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    void close() {
        closed = true;
        inside.close();
        outside.close();
    }
}
