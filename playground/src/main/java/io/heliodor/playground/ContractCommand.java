package io.heliodor.playground;

import io.heliodor.describe.SocketContract;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code contract}: the contract of the playground, as it is served by {@code serve}. */
@Command(
        name = "contract",
        description = "Prints what the playground and its clients send to each other.",
        mixinStandardHelpOptions = true)
final class ContractCommand implements Callable<Integer> {
    @ArgGroup(multiplicity = "1")
    private Form form = new Form();

    /** The document; one of them is given. */
    static final class Form {
        @Option(
                names = "--ts",
                description = "TypeScript: one file that imports nothing and exports the type Playground.")
        private boolean typeScript;

        @Option(names = "--asyncapi", description = "A document of AsyncAPI 3.0, as JSON.")
        @SuppressWarnings("UnusedVariable") // one of the three is given
        private boolean asyncApi;

        @Option(names = "--json", description = "The model of both, as JSON.")
        private boolean json;

        String of(SocketContract contract) {
            if (json) {
                return contract.json();
            }
            return typeScript
                    ? contract.typeScript()
                    : contract.asyncApi(SocketContract.Service.of("Heliodor Playground", "1"));
        }
    }

    @Override
    public Integer call() throws IOException {
        String text = form.of(PlaygroundServer.contract());
        // Bytes: a document is UTF-8 whatever the encoding of the terminal is.
        PrintStream out = System.out;
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
        return 0;
    }
}
