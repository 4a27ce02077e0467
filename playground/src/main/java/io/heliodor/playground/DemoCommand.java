package io.heliodor.playground;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code demo}: the playground server with the chat page. */
@Command(
        name = "demo",
        description = "Starts the playground server with the chat page at /: open it in two windows.",
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
    @Mixin
    private ServeCommand serve = new ServeCommand();

    @Override
    public Integer call() throws IOException, URISyntaxException {
        return serve.serve(Optional.of(page()));
    }

    /** The folder of the page: in the build's output, or within the jar. */
    private static Path page() throws IOException, URISyntaxException {
        URL index = DemoCommand.class.getResource("/demo/index.html");
        if (index == null) {
            throw new IOException("the demo page is missing from this build");
        }
        URI uri = index.toURI();
        if (uri.getScheme().equals("jar")) {
            // Left open: its files are read for as long as the server runs.
            FileSystems.newFileSystem(uri, Map.of());
        }
        return Path.of(uri).toAbsolutePath().getParent();
    }
}
