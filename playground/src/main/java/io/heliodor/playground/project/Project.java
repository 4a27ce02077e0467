package io.heliodor.playground.project;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A new project: the files that its template and its options select, with its name and its package.
 *
 * @param name of the artifact and of the npm package
 * @param packageName of the classes
 */
record Project(Template template, boolean spring, boolean kotlin, boolean react, String name, String packageName) {
    private static final String STATIC = "src/main/resources/static";
    private static final String SOCKET = "new Socket(\"/socket\")";
    private static final String OTHER_PORT =
            "`${location.protocol.replace(\"http\", \"ws\")}//${location.hostname}:4000/socket`";
    private static final String PHOENIX =
            "// phoenix.js of npm, unchanged. MIT License, Copyright (c) 2014 Chris McCord:"
                    + " https://github.com/phoenixframework/phoenix/blob/main/LICENSE.md\n\n";
    private static final Pattern FOR_REACT = Pattern.compile("(?s) *<!-- @react -->\n(.*?) *<!-- @end -->\n");

    /** The command that runs the tests. */
    String testCommand() {
        return "mvn test";
    }

    /** The command that starts the server. */
    String runCommand() {
        return spring ? "mvn spring-boot:run" : "mvn -q compile exec:java";
    }

    /** The address of the page. */
    String address() {
        return spring ? "http://localhost:8080" : "http://127.0.0.1:4000";
    }

    /**
     * The texts of all files, by their paths in the project.
     *
     * @param clone the clone of Heliodor, whose templates these are
     */
    Map<String, String> files(Path clone) throws IOException {
        Path templates = clone.resolve("templates");
        Map<String, String> files = new TreeMap<>();
        files.put("pom.xml", pom(read(templates.resolve("pom/" + pomName() + ".xml"))));
        files.put(".mvn/jvm.config", read(templates.resolve("common/jvm.config")));
        files.put("README.md", readme());
        files.put(".gitignore", read(templates.resolve("common/gitignore")) + ignored());
        addServer(files, templates.resolve(language()));
        if (spring) {
            files.put(
                    "src/main/resources/application.properties",
                    read(templates.resolve("common/application.properties")));
        }
        if (react) {
            addReact(files, templates, clone.resolve("npm/client"));
        } else {
            addPage(files, templates, clone.resolve("npm/client"));
        }
        return files;
    }

    private String language() {
        return kotlin ? "kotlin" : "java";
    }

    private String pomName() {
        return spring ? kotlin ? "spring-kotlin" : "spring" : language();
    }

    private String pom(String text) {
        String main = template.className() + "Server";
        String pom = FOR_REACT.matcher(text).replaceAll(react ? "$1" : "");
        return pom.replace("<groupId>com.example</groupId>", "<groupId>" + groupId() + "</groupId>")
                .replace("<artifactId>chat</artifactId>", "<artifactId>" + name + "</artifactId>")
                .replace("com.example.chat.ChatServer", packageName + "." + main);
    }

    private String readme() {
        return """
                # %s

                ```
                %s
                %s
                ```

                Then open %s in two windows. Maven needs JDK 25 or newer%s. The tests compare `types/%s.ts`, the types of the page, with
                the server; `mvn test -Dheliodor.write=contract%s` writes them.
                """.formatted(
                        name,
                        testCommand(),
                        runCommand(),
                        address(),
                        react ? ", and npm" : "",
                        template.id(),
                        react ? " -Dexec.skip" : "");
    }

    private String groupId() {
        int dot = packageName.lastIndexOf('.');
        return dot < 0 ? packageName : packageName.substring(0, dot);
    }

    private String ignored() {
        return react ? spring ? "node_modules/\n" : "node_modules/\nweb/\n" : "";
    }

    /** The classes without those of the other kind of server, and the types that their test compares. */
    private void addServer(Map<String, String> files, Path module) throws IOException {
        String other = template.className() + (spring ? "Server." : "Application.");
        for (String sources : List.of("src/main/" + language(), "src/test/" + language())) {
            Path folder = module.resolve(sources).resolve("com/example").resolve(template.id());
            for (Path file : list(folder)) {
                String fileName = file.getFileName().toString();
                if (!fileName.startsWith(other)) {
                    files.put(
                            sources + "/" + packageName.replace('.', '/') + "/" + fileName,
                            read(file).replace("com.example." + template.id(), packageName));
                }
            }
        }
        String types = "types/" + template.id() + ".ts";
        files.put(types, read(module.resolve(types)));
    }

    /** A page without a bundler, and the types of the client for editors. */
    private void addPage(Map<String, String> files, Path templates, Path client) throws IOException {
        String web = spring ? STATIC : "web";
        for (Path file : list(templates.resolve("page").resolve(template.id()))) {
            files.put(web + "/" + file.getFileName(), read(file));
        }
        files.put(web + "/phoenix.mjs", phoenix());
        files.put("types/heliodor.d.mts", read(client.resolve("heliodor.d.mts")));
        files.put("types/phoenix.d.ts", read(client.resolve("phoenix.d.ts")));
        files.put("jsconfig.json", read(templates.resolve("common/jsconfig.json")));
        if (spring) {
            String script = web + "/" + template.id() + ".mjs";
            edit(files, web + "/index.html", "/socket/heliodor.mjs", "./heliodor.mjs");
            edit(files, script, SOCKET, "new Socket(" + OTHER_PORT + ")");
            edit(files, script, "../types/", "../../../../types/");
            edit(files, "jsconfig.json", "\"web\"", "\"" + web + "\"");
        }
    }

    /** The sources of a page that npm builds, and the npm package of the client, which is not published yet. */
    private void addReact(Map<String, String> files, Path templates, Path client) throws IOException {
        Path react = templates.resolve("react");
        for (String file : List.of("package.json", "tsconfig.json", "vite.config.js")) {
            files.put(file, read(react.resolve(file)));
        }
        files.put("page/text-form.tsx", read(react.resolve("text-form.tsx")));
        for (Path file : list(react.resolve(template.id()))) {
            files.put("page/" + file.getFileName(), read(file));
        }
        String style = template.id() + ".css";
        files.put(
                "page/" + style,
                read(templates.resolve("page").resolve(template.id()).resolve(style)));
        for (Path file : list(client)) {
            files.put("vendor/heliodor-client/" + file.getFileName(), read(file));
        }
        edit(files, "package.json", "\"name\": \"chat\"", "\"name\": \"" + name + "\"");
        if (spring) {
            edit(files, "vite.config.js", "\"../web\"", "\"../target/classes/static\"");
            String script = "page/" + template.id() + ".tsx";
            edit(files, script, SOCKET, "new Socket(import.meta.env.DEV ? \"/socket\" : " + OTHER_PORT + ")");
        }
    }

    private static void edit(Map<String, String> files, String path, String from, String to) {
        String text = files.get(path);
        if (text == null || !text.contains(from)) {
            throw new IllegalStateException("The template of " + path + " does not contain " + from);
        }
        files.put(path, text.replace(from, to));
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file);
    }

    /** The client of npm that the demo serves. */
    private static String phoenix() throws IOException {
        try (InputStream text = Project.class.getResourceAsStream("/demo/vendor/phoenix.mjs")) {
            if (text == null) {
                throw new IllegalStateException("The build of the playground has no phoenix.mjs");
            }
            return PHOENIX + new String(text.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
