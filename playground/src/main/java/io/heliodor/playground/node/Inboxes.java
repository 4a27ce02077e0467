package io.heliodor.playground.node;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The inboxes of this node, one for each name of a process, a group or both. One command at a time changes them, but a command
 * that has timed out may still be running.
 */
final class Inboxes {
    private final ShellNode node;
    private final Map<String, Inbox> inboxes = new ConcurrentHashMap<>();

    Inboxes(ShellNode node) {
        this.node = node;
    }

    private record Inbox(UnreadTexts mail, ShellNode.Spawned process) {}

    /** The process of an inbox, started if it is not running. */
    ShellNode.Spawned open(String name) {
        return living(name)
                .orElseGet(() -> {
                    UnreadTexts mail = new UnreadTexts(node.name());
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

    /** Stops the process and discards its texts; false if there is none. */
    boolean end(String name, boolean crash) throws InterruptedException {
        Optional<Inbox> inbox = living(name);
        if (inbox.isPresent()) {
            inbox.get().process().end(crash);
            inboxes.remove(name);
        }
        return inbox.isPresent();
    }

    /** The number of dropped texts. */
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
