package io.heliodor.link.jgroups.socket;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.MulticastSocket;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import org.jgroups.util.SocketFactory;

/**
 * Gives JGroups {@link PeerSocket}s, so that it only gets authenticated connections. Others are refused. JGroups has no handshake
 * before the first byte, and its writes block the thread that sends to all: {@code docs/design/jgroups.md}.
 */
public record PeerSocketFactory(PeerSockets sockets) implements SocketFactory {
    @Override
    public Socket createSocket(String service) throws IOException {
        return new PeerSocket(sockets);
    }

    @Override
    public ServerSocket createServerSocket(String service) throws IOException {
        return sockets.newServerSocket();
    }

    @Override
    public void close(Socket socket) throws IOException {
        socket.close();
    }

    @Override
    public void close(ServerSocket socket) throws IOException {
        socket.close();
    }

    @Override
    public void close(DatagramSocket socket) {
        throw unsupported();
    }

    @Override
    public Socket createSocket(String service, String host, int port) {
        throw unsupported();
    }

    @Override
    public Socket createSocket(String service, InetAddress address, int port) {
        throw unsupported();
    }

    @Override
    public Socket createSocket(String service, String host, int port, InetAddress local, int localPort) {
        throw unsupported();
    }

    @Override
    public Socket createSocket(String service, InetAddress address, int port, InetAddress local, int localPort) {
        throw unsupported();
    }

    @Override
    public ServerSocket createServerSocket(String service, int port) {
        throw unsupported();
    }

    @Override
    public ServerSocket createServerSocket(String service, int port, int backlog) {
        throw unsupported();
    }

    @Override
    public ServerSocket createServerSocket(String service, int port, int backlog, InetAddress address) {
        throw unsupported();
    }

    @Override
    public DatagramSocket createDatagramSocket(String service) {
        throw unsupported();
    }

    @Override
    public DatagramSocket createDatagramSocket(String service, SocketAddress address) {
        throw unsupported();
    }

    @Override
    public DatagramSocket createDatagramSocket(String service, int port) {
        throw unsupported();
    }

    @Override
    public DatagramSocket createDatagramSocket(String service, int port, InetAddress address) {
        throw unsupported();
    }

    @Override
    public MulticastSocket createMulticastSocket(String service) {
        throw unsupported();
    }

    @Override
    public MulticastSocket createMulticastSocket(String service, int port) {
        throw unsupported();
    }

    @Override
    public MulticastSocket createMulticastSocket(String service, SocketAddress address) {
        throw unsupported();
    }

    private static UnsupportedOperationException unsupported() {
        return new UnsupportedOperationException("This stack needs no such socket.");
    }
}
