package io.heliodor.playground.node;

import picocli.CommandLine;

/** The command in a process of its own, with a fake node; {@code refused@h} and {@code faulty@h} do not start. */
final class ShellProgram {
    private ShellProgram() {}

    public static void main(String[] arguments) {
        ShellNode.Start start = (options, events) -> {
            if (options.name().equals("refused@h")) {
                return Result.failed(ErrorCode.NAME_TAKEN, "it lives");
            }
            if (options.name().equals("faulty@h")) {
                throw new IllegalStateException("a fault");
            }
            return Result.ok(new FakeNode(options, events));
        };
        System.exit(new CommandLine(new NodeCommand(start, System.getenv(), System.in, System.out)).execute(arguments));
    }
}
