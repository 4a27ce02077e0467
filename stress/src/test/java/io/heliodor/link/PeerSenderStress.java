package io.heliodor.link;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import io.heliodor.link.Link.Sent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** Threads that use a {@link PeerSender} against the steps that send, and the end of deliveries. */
public class PeerSenderStress {
    private static final Peer PEER = new Peer("ben", 2);

    /** Records what a sender sends. */
    private static final class Sends implements PeerSender.PacketOutput {
        final StepQueue steps = new StepQueue();
        final PeerSender sender = new PeerSender(PEER, steps, this, 1);
        final SendQueue queue = new SendQueue(1, 1, 1_000, 40, new TimerlessTime());
        final List<Object> sent = new ArrayList<>();
        private final AtomicBoolean sending = new AtomicBoolean();
        private volatile boolean twoThreads;

        Sends() {
            queue.open();
            sender.queue(queue);
        }

        void offer(int number) {
            Sent _ = sender.offer(new byte[] {(byte) number});
        }

        private void record(Object packet) {
            if (sending.getAndSet(true)) {
                twoThreads = true;
            }
            sent.add(packet);
            sending.set(false);
        }

        @Override
        public Wire.@Nullable Way way(Peer peer) {
            return null;
        }

        @Override
        public void control(PeerSender to, Wire.@Nullable Way by, Packet packet) {
            record(packet);
        }

        @Override
        public void batch(PeerSender to, Wire.@Nullable Way by, SendQueue from, List<byte[]> envelopes) {
            envelopes.forEach(each -> record((int) each[0]));
        }

        @Override
        public void part(PeerSender to, Wire.@Nullable Way by, SendQueue from, Fragment part) {
            throw new AssertionError("No envelope is larger than a batch.");
        }

        @Override
        public void repeat(PeerSender to, Wire.@Nullable Way by, byte[] packet) {
            throw new AssertionError("There is one way only.");
        }

        @Override
        public boolean takesParts(Peer peer) {
            return true;
        }

        /** Sends the rest. Returns what was sent in order. */
        String all() {
            steps.runAll();
            if (twoThreads) {
                return "two threads";
            }
            return sender.isQuiescent()
                    ? sent.stream().map(Object::toString).collect(Collectors.joining(" "))
                    : "not quiescent";
        }
    }

    @JCStressTest
    @Outcome(id = "0 1 2", expect = ACCEPTABLE, desc = "An envelope that is added at the end of the steps is sent.")
    @State
    public static class OfferAgainstSteps {
        private final Sends sends = new Sends();

        public OfferAgainstSteps() {
            sends.offer(0);
        }

        @Actor
        public void sender() {
            sends.offer(1);
            sends.offer(2);
        }

        @Actor
        public void steps() {
            sends.steps.runAll();
        }

        @Arbiter
        public void arbiter(L_Result r) {
            r.r1 = sends.all();
        }
    }

    /** Both actors schedule steps, and run those that they find. */
    @JCStressTest
    @Outcome(
            id = {"1 2", "2 1"},
            expect = ACCEPTABLE,
            desc = "One thread sends at a time.")
    @State
    public static class TwoSenders {
        private final Sends sends = new Sends();

        @Actor
        public void first() {
            sends.offer(1);
            sends.steps.runAll();
        }

        @Actor
        public void second() {
            sends.offer(2);
            sends.steps.runAll();
        }

        @Arbiter
        public void arbiter(L_Result r) {
            r.r1 = sends.all();
        }
    }

    @JCStressTest
    @Outcome(id = "newest", expect = ACCEPTABLE, desc = "The newest control packet of a kind is sent, and last.")
    @State
    public static class ControlAgainstSteps {
        private final Sends sends = new Sends();

        public ControlAgainstSteps() {
            sends.sender.control(new Packet.Accept(1, 1, 1));
        }

        @Actor
        public void receiver() {
            sends.sender.control(new Packet.Accept(1, 1, 2));
            sends.sender.control(new Packet.Accept(1, 1, 3));
        }

        @Actor
        public void steps() {
            sends.steps.runAll();
        }

        @Arbiter
        public void arbiter(L_Result r) {
            String all = sends.all();
            r.r1 = all.endsWith(new Packet.Accept(1, 1, 3).toString()) ? "newest" : all;
        }
    }

    @JCStressTest
    @Outcome(
            id = {"0, 0", "2, 2"},
            expect = ACCEPTABLE,
            desc = "Nothing is delivered after the end.")
    @State
    public static class DeliverAgainstClose {
        private final PeerSender sender = new Sends().sender;
        private int delivered;
        private int atClose;

        @Actor
        public void wire() {
            int _ = sender.deliver(List.of(new byte[1], new byte[1]), new EventCounter(() -> delivered++));
        }

        @Actor
        public void link() {
            sender.close();
            atClose = delivered;
        }

        @Arbiter
        public void arbiter(L_Result r) {
            r.r1 = atClose + ", " + delivered;
        }
    }
}
