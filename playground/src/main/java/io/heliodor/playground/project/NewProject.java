package io.heliodor.playground.project;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.lang.model.SourceVersion;
import org.jspecify.annotations.Nullable;

/**
 * A project and its folder, both checked.
 *
 * @param folder absent or empty when it was checked
 */
record NewProject(Project project, Path folder) {
    private static final int MAX_NAME = 60;
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");
    private static final Pattern PACKAGE = Pattern.compile("[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)*");

    /** The hard keywords of Kotlin that are none of Java. */
    private static final Set<String> KOTLIN_KEYWORDS =
            Set.of("as", "fun", "in", "is", "object", "typealias", "typeof", "val", "var", "when");

    /** An argument that is invalid; the message contains its value and a valid one. */
    static final class Invalid extends Exception {
        private static final long serialVersionUID = 1;

        Invalid(String message) {
            super(message);
        }

        @Override
        public String getMessage() {
            return Objects.requireNonNull(super.getMessage());
        }
    }

    static NewProject of(
            String templateId,
            @Nullable Path givenFolder,
            boolean spring,
            boolean kotlin,
            boolean react,
            @Nullable String givenName,
            @Nullable String givenPackage,
            Path clone)
            throws Invalid {
        Template template = Template.of(templateId)
                .orElseThrow(() -> new Invalid(
                        templateId.isEmpty()
                                ? "Missing template; write new chat or new board"
                                : "Unknown template: '" + templateId + "'; write new chat or new board"));
        Path folder = folder(givenFolder, template, clone);
        String name = name(givenName, folder);
        String packageName = givenPackage == null ? "com.example." + name.replace("-", "") : givenPackage;
        checkPackage(packageName, kotlin);
        checkUnused(folder, template);
        return new NewProject(new Project(template, spring, kotlin, react, name, packageName), folder);
    }

    private static Path folder(@Nullable Path given, Template template, Path clone) {
        if (given != null) {
            return given.toAbsolutePath().normalize();
        }
        Path working = Path.of("").toAbsolutePath();
        Path parent = clone.getParent();
        return (parent != null && working.startsWith(clone) ? parent : working).resolve(template.id());
    }

    private static String name(@Nullable String given, Path folder) throws Invalid {
        String name = given != null ? given : String.valueOf(folder.getFileName());
        if (!NAME.matcher(name).matches() || name.length() > MAX_NAME) {
            String rule = "'" + name + "' is not lower-case letters, digits and hyphens, such as my-chat";
            throw new Invalid(
                    given != null
                            ? "Invalid value for option '--name': " + rule
                            : "The name of the folder is that of the project, and " + rule
                                    + "; name another folder, or add --name my-chat");
        }
        return name;
    }

    private static void checkPackage(String packageName, boolean kotlin) throws Invalid {
        if (!PACKAGE.matcher(packageName).matches()
                || !SourceVersion.isName(packageName)
                || packageName.matches("java(\\..*)?")
                || (kotlin && Stream.of(packageName.split("\\.")).anyMatch(KOTLIN_KEYWORDS::contains))) {
            throw new Invalid("Invalid value for option '--package': '" + packageName
                    + "' is not a package for classes; write lower-case names with dots, such as com.example.chat");
        }
    }

    private static void checkUnused(Path folder, Template template) throws Invalid {
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
                if (files.iterator().hasNext()) {
                    throw new Invalid("The folder " + folder + " is not empty; name a new one, such as new "
                            + template.id() + " my-" + template.id());
                }
            } catch (IOException e) {
                throw new Invalid("The folder " + folder + " cannot be read; name another one");
            }
        } else if (Files.exists(folder)) {
            throw new Invalid(
                    folder + " is a file; name a folder, such as new " + template.id() + " my-" + template.id());
        }
    }

    /**
     * Writes files, by their paths in the folder. After a failure the folder is as it was.
     *
     * @throws IOException with the path that could not be written
     */
    void write(Map<String, String> files) throws IOException {
        Deque<Path> created = new ArrayDeque<>();
        try {
            for (Map.Entry<String, String> file : files.entrySet()) {
                Path path = folder.resolve(file.getKey());
                createFolders(Objects.requireNonNull(path.getParent()), created);
                Files.createFile(path);
                created.push(path); // before the text: a disk may be full
                Files.writeString(path, file.getValue());
            }
        } catch (IOException e) {
            for (Path path : created) {
                Files.deleteIfExists(path);
            }
            throw new IOException(
                    "The project could not be written, and nothing has been changed: " + e.getMessage() + " ("
                            + e.getClass().getSimpleName() + ")",
                    e);
        }
    }

    private static void createFolders(Path folder, Deque<Path> created) throws IOException {
        if (!Files.isDirectory(folder)) {
            Path parent = folder.getParent();
            if (parent != null) {
                createFolders(parent, created);
            }
            Files.createDirectory(folder);
            created.push(folder);
        }
    }
}
