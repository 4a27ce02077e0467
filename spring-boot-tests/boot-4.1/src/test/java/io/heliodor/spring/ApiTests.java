package io.heliodor.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.fixtures.PublicApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.util.ClassUtils;

/** The public API of the modules for Spring Boot as text, in {@code docs/api}. */
class ApiTests {
    private static final Path FOLDER = Path.of("../../docs/api");

    @ParameterizedTest
    @CsvSource({
        "spring-boot, io.heliodor.spring.ChannelMapping",
        "spring-boot-test, io.heliodor.spring.test.ChannelTest"
    })
    void theSignaturesAreWrittenDown(String module, Class<?> member) throws IOException {
        Path file = FOLDER.resolve(module + ".txt");
        String signatures = signatures(member);
        if ("docs".equals(System.getProperty("heliodor.write"))) {
            Files.writeString(file, signatures);
            return;
        }
        assertThat(Files.exists(file) ? Files.readString(file) : "")
                .as("docs/api/" + module
                        + ".txt; the code is right: write it anew by the tests of spring-boot-tests/boot-4.1"
                        + " with -Dtest=ApiTests -Dheliodor.write=docs, and then by ApiTests of interop")
                .isEqualTo(signatures);
    }

    /** The types of a package in the module of one of them: tests have the same package. */
    private static String signatures(Class<?> member) throws IOException {
        Resource[] classes = new PathMatchingResourcePatternResolver()
                .getResources("classpath*:" + ClassUtils.classPackageAsResourcePath(member) + "/*.class");
        CodeSource module = member.getProtectionDomain().getCodeSource();
        return Arrays.stream(classes)
                .map(resource -> resource.getFilename().replace(".class", ""))
                .filter(name -> !name.equals("package-info"))
                .map(name -> ClassUtils.resolveClassName(member.getPackageName() + "." + name, null))
                .filter(type -> type.getProtectionDomain().getCodeSource().equals(module))
                .filter(PublicApi::isPublic)
                .sorted(Comparator.comparing(PublicApi::name))
                .map(PublicApi::describe)
                .collect(Collectors.joining("\n"));
    }
}
