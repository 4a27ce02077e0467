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
 * Prevents JGroups from creating objects of classes that a peer names. Its transport decodes the payload of object
 * messages below all protocols. Of messages for a wire, only the types are accepted that the stack itself sends.
 *
 * <p>{@link #install} changes two things for the whole JVM. The factory of object messages is replaced; the new one
 * treats messages of other channels as before. And JGroups' filter for serialized objects, which it reads once, is set
 * if there is none.
 *
 * <p>JGroups would do as it is if its filter applied to the names of classes in object messages: {@code docs/design/jgroups.md}.
 */
final class PayloadFilter extends MessageFactory {
    /** Bound while a message for a wire is decoded. */
    static final ScopedValue<Boolean> RESTRICTED = ScopedValue.newInstance();

    /** Rejects all classes: the protocols of a wire send no serialized objects. */
    private static final String FILTER = "!*";

    private PayloadFilter() {}

    /**
     * Installs the filter. Idempotent.
     *
     * @throws IllegalStateException when this JVM has a filter of JGroups that accepts classes
     */
    static void install() {
        synchronized (PayloadFilter.class) {
            String before = System.getProperty(Global.DESERIALIZATION_FILTER);
            if (before == null) {
                System.setProperty(Global.DESERIALIZATION_FILTER, FILTER);
            }
            if (accepts(new Probe())) {
                throw new IllegalStateException("JGroups would read serialized objects of any class in this JVM: its"
                        + " filter is '" + before + "', and '" + FILTER + "' is needed. Set the system property "
                        + Global.DESERIALIZATION_FILTER + " to one that ends with '!*' before JGroups is used.");
            }
            Supplier<? extends Message> former = creators[Message.OBJ_MSG];
            if (!(former instanceof Factory)) {
                creators[Message.OBJ_MSG] = new Factory(former);
            }
        }
    }

    private static boolean accepts(Object any) {
        try {
            Util.objectFromByteBuffer(Util.objectToByteBuffer(any));
            return true;
        } catch (InvalidClassException e) {
            return false;
        } catch (IOException | ClassNotFoundException e) {
            throw new IllegalStateException("The filter of JGroups cannot be tried.", e);
        }
    }

    /** A class that no filter names. */
    private static final class Probe implements Serializable {
        private static final long serialVersionUID = 1L;
    }

    /** The factory of object messages: restricted ones for wires, those of the former factory for others. */
    private record Factory(Supplier<? extends Message> former) implements Supplier<Message> {
        @Override
        public Message get() {
            return RESTRICTED.isBound() ? new Restricted() : former.get();
        }
    }

    /** An object message that only accepts the types that the stack sends. */
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
