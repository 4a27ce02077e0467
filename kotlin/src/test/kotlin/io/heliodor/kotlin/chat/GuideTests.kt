package io.heliodor.kotlin.chat

import io.heliodor.fixtures.Guide
import io.heliodor.fixtures.Page
import java.io.ByteArrayOutputStream
import java.io.PrintStream
import java.net.URI
import java.nio.file.Path
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import kotlin.io.path.createParentDirectories
import kotlin.io.path.readText
import kotlin.io.path.writeText
import org.assertj.core.api.Assertions.assertThat
import org.jetbrains.kotlin.cli.common.ExitCode
import org.jetbrains.kotlin.cli.jvm.K2JVMCompiler
import org.jetbrains.kotlin.config.KotlinCompilerVersion
import org.junit.jupiter.api.Tag
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** The chat of docs/kotlin.md from an empty folder, without Maven: with the compiler of its plugin. */
@Tag("long")
class GuideTests {
    private val quickStart = Guide.of("docs/quick-start.md")
    private val guide = Guide.of("docs/kotlin.md", "A chat")
    private val pom = guide.file("pom.xml")
    private val classPath = Guide.classPath(pom)

    private fun inPom(pattern: String) = Regex(pattern).find(pom)?.groupValues?.get(1) ?: error("$pattern is not in $pom")

    private fun write(folder: Path): Path {
        val page = quickStart.files().filterKeys { it.startsWith("web/") }
        val server = guide.files().mapValues { (_, text) -> text.replace(".port(4000)", ".port(0)") }
        for ((path, text) in page + server) folder.resolve(path).createParentDirectories().writeText(text)
        return folder
    }

    private fun compile(folder: Path): Path {
        assertThat(inPom("<artifactId>kotlin-maven-plugin</artifactId>\\s*<version>(.*?)<")).isEqualTo(KotlinCompilerVersion.VERSION)
        val classes = folder.resolve("target/classes")
        val output = ByteArrayOutputStream()
        val status = K2JVMCompiler().exec(
            PrintStream(output),
            "-no-stdlib",
            "-no-reflect",
            "-jvm-target", inPom("<jvmTarget>(.*?)<"),
            "-cp", classPath,
            "-d", "$classes",
            "${folder.resolve(inPom("<sourceDirectory>(.*?)<"))}",
        )
        assertThat(status).describedAs(output.toString()).isEqualTo(ExitCode.OK)
        return classes
    }

    @Test
    fun aMessageReachesTheOthersInTheRoom(@TempDir folder: Path) {
        assertThat(guide.installed()).containsAll(Guide.modules(pom))
        val classes = compile(write(folder))
        val log = folder.resolve("log")
        val process = ProcessBuilder(
            "${Path.of(System.getProperty("java.home"), "bin", "java")}",
            *quickStart.file(".mvn/jvm.config").trim().split(" ").toTypedArray(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp", "$classes${System.getProperty("path.separator")}$classPath",
            inPom("<mainClass>(.*?)<"),
        ).directory(folder.toFile()).redirectError(log.toFile()).start()
        try {
            val first = CompletableFuture.supplyAsync { process.inputReader().readLine() }.get(1, TimeUnit.MINUTES)
            assertThat(first).describedAs(log.readText()).startsWith("http://127.0.0.1:")
            val address = URI(first)
            assertThat(address.toURL().readText()).isEqualTo(quickStart.file("web/index.html"))
            Page.open(address.port).use { ann ->
                Page.open(address.port).use { bo ->
                    assertThat(ann.asks("room:lobby", "phx_join", """{"name":"Ann"}""")).contains("\"ok\"")
                    assertThat(bo.asks("room:lobby", "phx_join", """{"name":"Bo"}""")).contains("\"ok\"")
                    ann.sends("room:lobby", "say", """{"body":"Hello Bo"}""")
                    // After the presences of both.
                    assertThat(generateSequence { bo.receives() }.first { "new_msg" in it })
                        .endsWith("""{"from":"Ann","body":"Hello Bo"}]""")
                }
            }
            assertThat(log.readText()).doesNotContain("WARN")
        } finally {
            process.destroyForcibly().waitFor()
        }
    }
}
