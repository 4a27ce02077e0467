package io.heliodor.playground.node;

import io.heliodor.node.Node;
import io.heliodor.process.Pid;
import io.heliodor.process.ReplyTo;
import java.util.concurrent.CountDownLatch;

/** A process of a shell: it keeps the texts that it gets, and replies to calls, until a message ends it. */
final class ShellProcess implements ShellNode.Spawned {
    /** The messages of the shell's processes. */
    sealed interface Letter {
        /** A text to keep. */
        record Text(String text) implements Letter {}

        /** A call that needs a reply. */
        record Question(String text, ReplyTo<String> reply) implements Letter {}

        /** A request to end. */
        record End(boolean crash) implements Letter {}
    }

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Pid<Letter> pid;

    ShellProcess(Node node, UnreadTexts mail) {
        this.pid = node.spawn(Letter.class, inbox -> {
            try {
                while (true) {
                    switch (inbox.receive()) {
                        case Letter.Text(var text) -> mail.keep(text);
                        case Letter.Question(var text, var reply) -> reply.reply(mail.answer(text));
                        case Letter.End(var crash) -> {
                            if (crash) {
                                throw new IllegalStateException("stopped with crash");
                            }
                            return;
                        }
                    }
                }
            } finally {
                ended.countDown();
            }
        });
    }

    Pid<Letter> pid() {
        return pid;
    }

    @Override
    public void end(boolean crash) throws InterruptedException {
        if (!ended()) {
            pid.send(new Letter.End(crash));
            ended.await();
        }
    }

    @Override
    public boolean ended() {
        return ended.getCount() == 0;
    }
}
