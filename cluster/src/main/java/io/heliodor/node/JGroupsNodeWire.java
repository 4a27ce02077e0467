package io.heliodor.node;

import io.heliodor.link.Peer;
import io.heliodor.link.Wire;
import io.heliodor.link.WireException;
import io.heliodor.link.jgroups.JGroupsWire;
import io.heliodor.link.jgroups.WireSettings;
import io.heliodor.node.wiring.NodeWire;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.OptionalInt;

/** A wire over JGroups. */
record JGroupsNodeWire(JGroupsWire wire) implements NodeWire {
    static JGroupsNodeWire open(WireSettings settings, Wire.Listener listener) {
        try {
            return new JGroupsNodeWire(JGroupsWire.start(settings, listener));
        } catch (WireException e) {
            String why = String.valueOf(e.getMessage());
            throw e.code() == WireException.Code.PORT_IN_USE
                    ? new PortInUseException(why)
                    : new StartException(problem(e.code()), why);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException(StartException.Problem.BAD_SETTING, "The start was interrupted.");
        }
    }

    private static StartException.Problem problem(WireException.Code code) {
        return switch (code) {
            case BAD_COOKIE -> StartException.Problem.BAD_COOKIE;
            case REFUSED -> StartException.Problem.REFUSED;
            case PORT_IN_USE -> StartException.Problem.PORT_IN_USE;
            case NAME_TAKEN -> StartException.Problem.NAME_TAKEN;
            case BAD_ADDRESS, UNREACHABLE, TIMEOUT -> StartException.Problem.BAD_SETTING;
        };
    }

    @Override
    public int port() {
        return wire.address().getPort();
    }

    @Override
    public ConnectOutcome connect(String address) {
        HostPort at = HostPort.of(address);
        try {
            wire.connect(new InetSocketAddress(at.host(), at.port()));
            return new ConnectOutcome.Connected();
        } catch (WireException e) {
            String why = String.valueOf(e.getMessage());
            return switch (e.code()) {
                case REFUSED, BAD_COOKIE -> new ConnectOutcome.Refused(why);
                case NAME_TAKEN -> new ConnectOutcome.NameTaken();
                case TIMEOUT -> new ConnectOutcome.TimedOut();
                case UNREACHABLE, PORT_IN_USE, BAD_ADDRESS -> new ConnectOutcome.Unreachable(why);
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new ConnectOutcome.TimedOut();
        }
    }

    @Override
    public void disconnect() {
        wire.disconnect();
    }

    @Override
    public long detours() {
        return wire.detours();
    }

    @Override
    public Optional<Peer> through(Peer peer) {
        return wire.through(peer);
    }

    @Override
    public OptionalInt version(Peer peer) {
        return wire.version(peer);
    }

    @Override
    public long forwarded() {
        return wire.forwarded();
    }

    @Override
    public long handshakesDropped() {
        return wire.handshakesDropped();
    }
}
