package io.heliodor.playground.project;

import io.heliodor.playground.project.NewProject.Invalid;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code new}: a project of a user, with a server, a page and tests. */
@Command(
        name = "new",
        description = "Writes a project that compiles, tests and runs: a server, a page and tests.",
        customSynopsis = "heliodor new chat|board [FOLDER] [OPTIONS]",
        mixinStandardHelpOptions = true)
public final class NewCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "TEMPLATE",
            description =
                    "chat: rooms with messages and the users who are there. board: cards that several users move.")
    private String template = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "FOLDER",
            description =
                    "The folder of the project, which is new or empty. By default it has the name of the template, and is"
                            + " in the working folder, or next to the clone if that is in the clone.")
    private @Nullable Path folder;

    @Option(names = "--spring", description = "Spring Boot serves the page and starts Heliodor.")
    private boolean spring;

    @Option(names = "--kotlin", description = "Kotlin instead of Java.")
    private boolean kotlin;

    @Option(names = "--react", description = "A page with React, built by vite, instead of one without a build.")
    private boolean react;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description =
                    "The name of the project: lower-case letters, digits and hyphens. By default that of the folder.")
    private @Nullable String name;

    @Option(
            names = "--package",
            paramLabel = "PACKAGE",
            description = "The package of the classes. By default com.example and the name.")
    private @Nullable String packageName;

    @Option(names = "--clone", hidden = true, description = "The clone of Heliodor, by the launcher.")
    private Path clone = Path.of("");

    @Option(
            names = "--java",
            hidden = true,
            description = "The JDK for the project, by the launcher if Maven would run with an older one.")
    private @Nullable Path java;

    /** Created by picocli. */
    public NewCommand() {}

    /** Checks the options and the folder, and writes nothing. */
    public int check() {
        NewProject _ = project();
        return 0;
    }

    @Override
    public Integer call() throws IOException {
        NewProject created = project();
        Map<String, String> files = created.project().files(absoluteClone());
        created.write(files);
        print(created, files.size());
        return 0;
    }

    private NewProject project() {
        try {
            return NewProject.of(template, folder, spring, kotlin, react, name, packageName, absoluteClone());
        } catch (Invalid e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
    }

    private Path absoluteClone() {
        return clone.toAbsolutePath().normalize();
    }

    private void print(NewProject created, int count) {
        Project project = created.project();
        PrintWriter out = spec.commandLine().getOut();
        out.println("Wrote " + count + " files. In " + created.folder() + ":");
        out.println();
        if (java != null) {
            out.println("  export JAVA_HOME=" + java);
        }
        out.println("  " + project.testCommand());
        out.println("  " + project.runCommand());
        out.println();
        out.println("Then open " + project.address() + " in two windows.");
        out.flush();
    }
}
