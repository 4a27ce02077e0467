package io.heliodor.playground.node;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The inboxes of this node: one for each word, whether it names a process, a group or both. One command at a time changes
 * them, but one that took too long may still be at it.
 */
final class Inboxes {
    private final ShellNode node;
    private final Map<String, Inbox> inboxes = new ConcurrentHashMap<>();

    Inboxes(ShellNode node) {
        this.node = node;
    }

    private record Inbox(Mail mail, ShellNode.Spawned process) {}

    /** The process of an inbox; started if it does not live. */
    ShellNode.Spawned open(String name) {
        return living(name)
                .orElseGet(() -> {
                    Mail mail = new Mail(node.name());
                    Inbox inbox = new Inbox(mail, node.spawn(mail));
                    inboxes.put(name, inbox);
                    return inbox;
                })
                .process();
    }

    Optional<ShellNode.Spawned> process(String name) {
        return living(name).map(Inbox::process);
    }

    Optional<List<String>> take(String name) {
        return living(name).map(inbox -> inbox.mail().take());
    }

    /** Ends it and forgets what it received; false if there is none. */
    boolean end(String name, boolean crash) throws InterruptedException {
        Optional<Inbox> inbox = living(name);
        if (inbox.isPresent()) {
            inbox.get().process().end(crash);
            inboxes.remove(name);
        }
        return inbox.isPresent();
    }

    /** How many texts were dropped because nobody read them. */
    long dropped() {
        return inboxes.values().stream()
                .mapToLong(inbox -> inbox.mail().dropped())
                .sum();
    }

    private Optional<Inbox> living(String name) {
        return Optional.ofNullable(inboxes.get(name))
                .filter(inbox -> !inbox.process().ended());
    }
}
