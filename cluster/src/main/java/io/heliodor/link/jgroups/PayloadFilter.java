package io.heliodor.link.jgroups;

import java.io.DataInput;
import java.io.IOException;
import java.io.InvalidClassException;
import java.io.Serializable;
import java.util.function.Supplier;
import org.jgroups.Global;
import org.jgroups.Message;
import org.jgroups.MessageFactory;
import org.jgroups.ObjectMessage;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.util.Digest;
import org.jgroups.util.SizeStreamable;
import org.jgroups.util.Util;

/**
 * Keeps JGroups from making objects of classes that a peer names. Its transport reads the payload of object messages
 * below every protocol; of what it reads for a wire, only those types are let through that the stack itself sends.
 *
 * <p>Two things hold for the whole JVM. The creator of object messages is replaced; the new one treats messages of other
 * channels as before. And the filter of JGroups for serialized objects, which JGroups reads once, is set unless it is.
 */
final class PayloadFilter extends MessageFactory {
    /** Bound while a message of a wire is read. */
    static final ScopedValue<Boolean> RESTRICTED = ScopedValue.newInstance();

    /** No class: the protocols of a wire send no serialized objects. */
    private static final String FILTER = "!*";

    private PayloadFilter() {}

    /**
     * Sees to it that no serialized object of a peer is read. Once is enough; twice does no harm.
     *
     * @throws IllegalStateException when the filter of this JVM lets classes through
     */
    static void restrict() {
        synchronized (PayloadFilter.class) {
            String before = System.getProperty(Global.DESERIALIZATION_FILTER);
            if (before == null) {
                System.setProperty(Global.DESERIALIZATION_FILTER, FILTER);
            }
            if (letsThrough(new Stranger())) {
                throw new IllegalStateException("JGroups would read serialized objects of any class in this JVM: its"
                        + " filter is '" + before + "', and '" + FILTER + "' is needed. Set the system property "
                        + Global.DESERIALIZATION_FILTER + " to one that ends with '!*' before JGroups is used.");
            }
            Supplier<? extends Message> former = creators[Message.OBJ_MSG];
            if (!(former instanceof Creator)) {
                creators[Message.OBJ_MSG] = new Creator(former);
            }
        }
    }

    private static boolean letsThrough(Object any) {
        try {
            Util.objectFromByteBuffer(Util.objectToByteBuffer(any));
            return true;
        } catch (InvalidClassException e) {
            return false;
        } catch (IOException | ClassNotFoundException e) {
            throw new IllegalStateException("The filter of JGroups cannot be tried.", e);
        }
    }

    /** Some class that no filter can have meant. */
    private static final class Stranger implements Serializable {
        private static final long serialVersionUID = 1L;
    }

    /** Makes restricted messages for wires, and what it made before for others. */
    private record Creator(Supplier<? extends Message> former) implements Supplier<Message> {
        @Override
        public Message get() {
            return RESTRICTED.isBound() ? new Restricted() : former.get();
        }
    }

    /** Reads the types that the stack sends. */
    static final class Restricted extends ObjectMessage {
        @Override
        public Supplier<Message> create() {
            return Restricted::new;
        }

        @Override
        public void readPayload(DataInput in) throws IOException, ClassNotFoundException {
            if (in.readByte() == 0) {
                obj = null;
                return;
            }
            short type = in.readShort();
            if (type < 0) {
                throw new InvalidClassException("a payload that names its class");
            }
            SizeStreamable payload = ClassConfigurator.create(type);
            if (!allowed(payload)) {
                throw new InvalidClassException(
                        payload == null ? "type " + type : payload.getClass().getName(), "no payload of this stack");
            }
            payload.readFrom(in);
            obj = payload;
        }

        private static boolean allowed(Object payload) {
            return payload instanceof Digest || payload instanceof org.jgroups.util.SeqnoList;
        }
    }
}
