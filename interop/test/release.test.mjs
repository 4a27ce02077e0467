import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, afterEach, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { BUILD, blocks, commands, Project, repository } from "../guide.mjs";
import { newProjects } from "../new-projects.mjs";
import { freePorts } from "../ports.mjs";
import { RawClient } from "../raw-client.mjs";
import { long, notLong } from "../size.mjs";

// The repository that .ci/release builds, and projects of users that depend on nothing else. See docs/design/release.md.

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";
/** Whether the whole release is built, with checks, Javadoc and SBOMs; otherwise the classes and sources, which take a third of the time. */
const WHOLE = !notLong;
const OPTIONS = WHOLE ? [] : ["-T1C", "-Dquick", "-Dmaven.javadoc.skip", "-Dcyclonedx.skip"];

const run = promisify(execFile);
const noGpg = !process.env.CI && spawnSync("gpg", ["--version"]).error && "gpg is missing";
const noGit = spawnSync("git", ["rev-parse", "HEAD"], { cwd: ROOT }).status !== 0 && "the sources come without their history";
const git = async (...words) => (await run("git", words, { cwd: ROOT })).stdout.trim();

/** The work tree as a commit; files that git does not have are not in it. */
const commit = async () => (await git("stash", "create")) || "HEAD";

/** Builds a release in a new folder, and returns that of its repository. */
async function release(folder) {
  const HELIODOR_REPOSITORY = await repository(`${folder}.repository`);
  const env = { ...process.env, HELIODOR_REPOSITORY, JAVA_HOME: process.env.HELIODOR_JAVA ?? process.env.JAVA_HOME };
  const words = [folder, await commit(), ...OPTIONS];
  const { stdout } = await run(join(ROOT, ".ci/release"), words, { env, timeout: 2 * BUILD });
  return stdout.trim();
}

/** The names of the files in a jar, by its central directory. */
async function names(jar) {
  const bytes = await readFile(jar);
  const end = bytes.lastIndexOf("PK\x05\x06");
  let at = bytes.readUInt32LE(end + 16);
  return Array.from({ length: bytes.readUInt16LE(end + 10) }, () => {
    const [name, extra, comment] = [28, 30, 32].map(field => bytes.readUInt16LE(at + field));
    const found = bytes.toString("utf8", at + 46, at + 46 + name);
    at += 46 + name + extra + comment;
    return found;
  });
}

/** The artifacts of the published BOM: names without "heliodor-". */
async function artifacts(staging, version) {
  const bom = await readFile(join(staging, `io/heliodor/heliodor-bom/${version}/heliodor-bom-${version}.pom`), "utf8");
  const managed = bom.slice(bom.indexOf("<dependencyManagement>"));
  return [...managed.matchAll(/<artifactId>heliodor-(.*?)<\/artifactId>/g)].map(([, name]) => name);
}

const files = folder => readdir(folder, { recursive: true, withFileTypes: true }).then(all =>
  all.filter(file => file.isFile()).map(file => join(file.parentPath, file.name).slice(folder.length + 1)).sort());

describe("a release", { skip: long || noGit }, () => {
  let folder;
  let staging;
  let version;
  let project;
  before(async () => {
    version = (await readFile(join(ROOT, "bom/pom.xml"), "utf8")).match(/^ {2}<version>(.*?)(-SNAPSHOT)?</m)[1];
    folder = await mkdtemp(join(tmpdir(), "heliodor-release-"));
    staging = await release(join(folder, "first"));
  });
  afterEach(async () => {
    RawClient.terminateAll();
    await project?.delete();
    project = undefined;
  });
  after(() => folder && rm(folder, { recursive: true, force: true }));

  test("each artifact has what Maven Central demands", async () => {
    const published = ["bom", ...(await artifacts(staging, version))];
    assert.deepEqual((await readdir(join(staging, "io/heliodor"))).sort(), published.map(name => `heliodor-${name}`).sort());
    for (const name of published) {
      const at = join(staging, `io/heliodor/heliodor-${name}/${version}`);
      const own = `heliodor-${name}-${version}`;
      const jars = name === "bom" ? [] : [`${own}.jar`, `${own}-sources.jar`];
      const rest = name !== "bom" && WHOLE ? [`${own}-javadoc.jar`, `${own}-cyclonedx.json`] : [];
      const expected = [...jars, ...rest, `${own}.pom`];
      const found = (await readdir(at)).filter(file => WHOLE || !file.includes("-javadoc.jar"));
      assert.deepEqual(found.sort(), expected.flatMap(file => [file, `${file}.md5`, `${file}.sha1`]).sort(), name);
      for (const jar of jars) {
        const inside = await names(join(at, jar));
        for (const file of ["META-INF/LICENSE", "META-INF/NOTICE"]) assert.ok(inside.includes(file), `${jar} has no ${file}`);
      }
      const pom = await readFile(join(at, `${own}.pom`), "utf8");
      for (const tag of ["name", "description", "url", "licenses", "developers", "scm"]) {
        assert.match(pom, new RegExp(`^  <${tag}\\b`, "m"), `${own}.pom has no <${tag}>`);
      }
      assert.match(pom, /^ {2}<url>https:\/\/heliodor\.io<\/url>/m, name);
      assert.doesNotMatch(pom, /<parent>|SNAPSHOT|<modules>|<scope>test|\$\{(?!project\.version)/, name);
    }
  });

  /** The fragment of the guide, and the artifacts without a version. */
  const withBom = async (pom, artifacts) => {
    const guide = await blocks("docs/modules.md");
    const { text } = guide.find(({ info, text }) => info === "xml" && text.includes("heliodor-bom"));
    const fragment = text.replace("0.1.0-SNAPSHOT", version).replace(/^(?=.)/gm, "  ");
    const dependencies = artifacts.map(name =>
      `    <dependency>\n      <groupId>io.heliodor</groupId>\n      <artifactId>heliodor-${name}</artifactId>\n    </dependency>\n`);
    return pom
      .replace("  <dependencies>", `${fragment}  <dependencies>`)
      .replace(/^ {4}<dependency>\s*<groupId>io\.heliodor[^]*?<\/dependency>\n/m, dependencies.join(""));
  };

  /** A client joins, and its message comes back. */
  const chats = async (port, join, event, payload, broadcast) => {
    const client = await RawClient.open({ socket: `ws://127.0.0.1:${port}/socket` });
    client.send(["1", "1", "room:lobby", "phx_join", join]);
    client.send(["1", "2", "room:lobby", event, payload]);
    let frame;
    do frame = await client.next(); while (frame[4].status !== "error" && frame[3] !== broadcast[0]);
    assert.deepEqual(frame.slice(3), broadcast);
  };

  test("with the BOM, a server runs from the class path and from the module path", { timeout: BUILD }, async () => {
    project = await Project.of(staging);
    const all = (await artifacts(staging, version)).filter(name => !name.startsWith("spring-"));
    const quickStart = await blocks("docs/quick-start.md");
    const pom = quickStart.find(({ info }) => info.includes("file=quick-start/pom.xml")).text;
    await project.write("pom.xml", await withBom(pom, all));
    await project.writeBlock("src/main/java/com/example/chat/Chat.java", quickStart, "file=Chat.java", text =>
      `package com.example.chat;\n\n${text.replace(".port(4000)", ".port(0)")}`);
    await project.writeBlock("web/index.html", quickStart, "file=web/index.html");
    const page = await readFile(join(ROOT, "docs/modules.md"), "utf8");
    const modules = [...page.matchAll(/^\| `heliodor-(.*?)` \| `(.*?)` \|/gm)].filter(([, name]) => all.includes(name));
    assert.equal(modules.length, all.length);
    await project.writeBlock("src/main/java/module-info.java", await blocks("docs/modules.md"), "file=module-info.java", text =>
      text.replace("    requires io.heliodor.endpoint;\n", modules.map(([, , module]) => `    requires ${module};\n`).join("")));

    await project.step(`mvn -q compile ${PLUGIN}:copy-dependencies -DincludeScope=runtime -DexcludeClassifiers=linux-aarch_64 -DoutputDirectory=target/libs`);
    // As an IDE gets them.
    for (const kind of WHOLE ? ["sources", "javadoc"] : ["sources"]) {
      await project.step(`mvn -q ${PLUGIN}:copy-dependencies -DincludeGroupIds=io.heliodor -Dclassifier=${kind} -DoutputDirectory=target/${kind}`);
      const jars = (await readdir(join(project.folder, "target", kind))).sort();
      assert.deepEqual(jars, all.map(name => `heliodor-${name}-${version}-${kind}.jar`).sort());
    }
    const native = module => `--enable-native-access=${module} --sun-misc-unsafe-memory-access=allow`;
    for (const command of [
      `java ${native("ALL-UNNAMED")} -cp 'target/classes:target/libs/*' com.example.chat.Chat`,
      `java ${native("io.netty.common")} -p target/classes:target/libs --add-modules ALL-MODULE-PATH -m com.example.chat/com.example.chat.Chat`,
    ]) {
      const [url, port] = await project.start(command, /^http:\/\/127\.0\.0\.1:(\d+)/m);
      assert.ok((await fetch(url)).ok);
      await chats(port, { name: "Ann" }, "say", { body: "Hello" }, ["new_msg", { from: "Ann", body: "Hello" }]);
      await project.signal("SIGTERM");
      assert.doesNotMatch(project.output, /WARN/);
    }
  });

  test("with the BOM and the starter, a Spring Boot application runs", { timeout: BUILD }, async () => {
    project = await Project.of(staging);
    const guide = await blocks("docs/spring-boot.md");
    const pom = guide.find(({ info }) => info.includes("file=spring-boot/pom.xml")).text;
    await project.write("pom.xml", await withBom(pom, ["spring-boot-starter", "spring-boot-starter-test"]));
    const path = "src/main/java/com/example/demo/ChatApplication.java";
    await project.writeBlock(path, guide, `file=spring-boot/${path}`);
    const [web, channels] = await freePorts(2);
    const [, start] = commands(guide);
    await project.start(start, /Started ChatApplication/, { SERVER_PORT: `${web}`, HELIODOR_PORT: `${channels}` });
    await chats(channels, {}, "message", { text: "Hello" }, ["message", { text: "Hello" }]);
    assert.doesNotMatch(project.output, / WARN /);
  });

  test("two builds have the same bytes", { timeout: 4 * BUILD, skip: notLong }, async () => {
    const second = await release(join(folder, "a/longer/path/second"));
    // The other files have the time of the deployment.
    const artifacts = async repository => (await files(repository)).filter(name => /\.(pom|jar|json)$/.test(name));
    const all = await artifacts(staging);
    assert.deepEqual(await artifacts(second), all);
    const differ = [];
    for (const name of all) {
      if (!(await readFile(join(staging, name))).equals(await readFile(join(second, name)))) differ.push(name);
    }
    assert.deepEqual(differ, []);
  });

  test("the bundle for Maven Central has the repository and a signature of each file", { timeout: BUILD, skip: noGpg }, async () => {
    const env = { ...process.env, GNUPGHOME: join(folder, "keys"), HELIODOR_CENTRAL_TOKEN: "", JAVA_HOME: process.env.HELIODOR_JAVA ?? "" };
    await mkdir(env.GNUPGHOME, { mode: 0o700 });
    await run("gpg", ["--batch", "--passphrase", "", "--quick-generate-key", "test@example.com", "ed25519", "sign"], { env });
    const { stdout } = await run(join(ROOT, ".ci/publish"), [staging], { env });
    await run("gpgconf", ["--kill", "all"], { env });
    assert.match(stdout, /not uploaded/);
    const inside = await names(join(staging, "../bundle.zip"));
    const signed = (await files(staging)).filter(name => /\.(pom|jar|json)$/.test(name));
    assert.ok(signed.length > 17 * 3);
    for (const name of signed) assert.ok(inside.includes(name) && inside.includes(`${name}.asc`), name);
    assert.deepEqual(inside.filter(name => name.includes("maven-metadata")), []);
  });

  newProjects(() => ({ staging, version }));
});
