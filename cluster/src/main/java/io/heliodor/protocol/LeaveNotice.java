package io.heliodor.protocol;

import io.heliodor.binary.BinaryWriter;
import io.heliodor.link.Message;
import io.heliodor.link.MessageRoutes;

/** The notice of a node that it is about to leave: the next view without it does not mean that it is dead. Type 60. */
public record LeaveNotice() implements Message {
    /**
     * Registers the receiver of this message.
     *
     * @param routes where
     * @param receiver the receiver
     */
    public static void route(MessageRoutes routes, MessageRoutes.Receiver<LeaveNotice> receiver) {
        routes.add(60, _ -> new LeaveNotice(), receiver);
    }

    @Override
    public int type() {
        return 60;
    }

    @Override
    public void write(BinaryWriter out) {
        // It has no fields.
    }
}
