package io.heliodor.link.jgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InvalidClassException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import org.jgroups.Message;
import org.jgroups.MessageFactory;
import org.jgroups.ObjectMessage;
import org.jgroups.util.ByteArrayDataInputStream;
import org.jgroups.util.ByteArrayDataOutputStream;
import org.jgroups.util.SeqnoList;
import org.jgroups.util.Util;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PayloadFilterTests {
    @BeforeEach
    void restrict() {
        PayloadFilter.install();
    }

    private static Object readByAWire(Object payload) throws Exception {
        ByteArrayDataOutputStream out = new ByteArrayDataOutputStream();
        new ObjectMessage(null, payload).writeTo(out);
        return ScopedValue.where(PayloadFilter.RESTRICTED, true).call(() -> {
            Message message = MessageFactory.create(Message.OBJ_MSG);
            message.readFrom(new ByteArrayDataInputStream(out.buffer(), 0, out.position()));
            return message.getObject();
        });
    }

    @Test
    void theStackReadsItsOwnMessages() throws Exception {
        SeqnoList missing = new SeqnoList(10, 0).add(1, 5);
        assertThat(readByAWire(missing)).hasToString(missing.toString());
    }

    @Test
    void serializedObjectsAreNotRead() {
        for (Object payload : List.of(new HashMap<>(), new ArrayList<>(), new IllegalStateException(), "text")) {
            assertThatThrownBy(() -> readByAWire(payload)).isInstanceOf(InvalidClassException.class);
        }
    }

    @Test
    void aClassThatAPeerNamesIsNotInstantiated() throws Exception {
        ByteArrayDataOutputStream out = new ByteArrayDataOutputStream();
        out.write(1);
        out.writeShort(-1);
        out.writeUTF("java.util.HashMap");
        assertThatThrownBy(() -> new PayloadFilter.Restricted()
                        .readPayload(new ByteArrayDataInputStream(out.buffer(), 0, out.position())))
                .isInstanceOf(InvalidClassException.class)
                .hasMessageContaining("names its class");
    }

    @Test
    void otherChannelsOfThisJvmAreNotRestricted() throws Exception {
        ByteArrayDataOutputStream out = new ByteArrayDataOutputStream();
        new ObjectMessage(null, "text").writeTo(out);
        Message message = MessageFactory.create(Message.OBJ_MSG);
        message.readFrom(new ByteArrayDataInputStream(out.buffer(), 0, out.position()));
        assertThat(message.<Object>getObject()).isEqualTo("text");
    }

    @Test
    void noSerializedObjectIsRead() {
        assertThatThrownBy(() -> Util.objectFromByteBuffer(Util.objectToByteBuffer(new HashMap<>())))
                .isInstanceOf(InvalidClassException.class);
    }
}
