package io.heliodor.playground;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** A wrong command line is answered by one line that helps. */
class UsageErrorTests {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "serve --prot 1 | Unknown option: '--prot'; did you mean --port? (see --help)",
                "demo --prot=1 | Unknown option: '--prot'; did you mean --port? (see --help)",
                "serve --log-lvel debug | Unknown option: '--log-lvel'; did you mean --log-level? (see --help)",
                "serve --handshakes 9 | Unknown option: '--handshakes'; did you mean --handshakes-per-address? (see --help)",
                "serve --hostss a | Unknown option: '--hostss'; did you mean --hosts? (see --help)",
                "serve --managment 127.0.0.1:0 | Unknown option: '--managment'; did you mean --management? (see --help)",
                "serve --keepalive 9 | Unknown option: '--keepalive'; did you mean --keep-alive? (see --help)",
                "top --prot 1 | Unknown option: '--prot'; top takes --every, --help, --once, --url, --version (see --help)",
                "top --every 0 | Invalid value for option '--every': 0.0 is not 0.1 to 3600 (see --help)",
                "top --url http://h/dashboard | The address of a dashboard has no ?token=...; write it there, or into HELIODOR_DASHBOARD_TOKEN (see --help)",
                "cookie --prot | Unknown option: '--prot'; cookie takes --help, --version (see --help)",
                "token --prot 1 | Unknown option: '--prot'; token takes --help, --user, --valid-for, --version (see --help)",
                "node --prot 1 | Unknown option: '--prot'; node takes --advertise, --bind, --cluster, --cookie, --cookie-file, --data, --help, --json, --name, --seeds, --version, --voters (see --help)",
                "node --see b:1 | Unknown option: '--see'; did you mean --seeds? (see --help)",
                "token ann | Unknown argument: 'ann'; token takes --help, --user, --valid-for, --version (see --help)",
                "serve --port abc | Invalid value for option '--port': 'abc' is not a whole number (see --help)",
                "serve --port | Missing required parameter for option '--port' (<port>) (see --help)",
                "serve --transport tcp | Invalid value for option '--transport': 'tcp' is not one of io_uring, epoll, nio (see --help)",
                "serve --handshakes-per-address 0 | Invalid value for option '--handshakes-per-address': 0 is not at least 1 (see --help)",
                "serve --keep-alive 0 | Invalid value for option '--keep-alive': 0 is not 1 to 86400 (see --help)",
                "serve --keep-alive 86401 | Invalid value for option '--keep-alive': 86401 is not 1 to 86400 (see --help)",
                "serve --keep-alive 75s | Invalid value for option '--keep-alive': '75s' is not a whole number (see --help)",
                "serve --history-age 0 | Invalid value for option '--history-age': 0 is not 1 to 86400 (see --help)",
                "serve --history-age 86401 | Invalid value for option '--history-age': 86401 is not 1 to 86400 (see --help)",
                "serve --history-age 5s | Invalid value for option '--history-age': '5s' is not a whole number (see --help)",
                "demo --history-age 0 | Invalid value for option '--history-age': 0 is not 1 to 86400 (see --help)",
                "serve --hosts https://a.example | Invalid value for option '--hosts': 'https://a.example' is not the name of a host; write app.example.com, *.example.com or [::1], without scheme and port. (see --help)",
                "serve --hosts a.example,,b.example | Invalid value for option '--hosts': '' is not the name of a host; write app.example.com, *.example.com or [::1], without scheme and port. (see --help)",
                "serve --management 9090 | Invalid value for option '--management': '9090' is not HOST:PORT, such as 127.0.0.1:9090 or [::1]:9090 (see --help)",
                "serve --management ::1:9090 | Invalid value for option '--management': '::1:9090' is not HOST:PORT, such as 127.0.0.1:9090 or [::1]:9090 (see --help)",
                "serve --documents pom.xml | Invalid value for option '--documents': pom.xml is a file, not a folder (see --help)",
                "serve --dashboard-actions | Option '--dashboard-actions' needs '--dashboard' (see --help)",
                "serve --dashboard-action | Unknown option: '--dashboard-action'; did you mean --dashboard-actions? (see --help)",
                "serve --management | Missing required parameter for option '--management' (HOST:PORT) (see --help)",
                "demo --nodes 3 --management 127.0.0.1:0 | Option '--management' does not go with '--nodes', which starts a cluster of its own on this machine (see --help)",
                "demo --nodes 10 | Invalid value for option '--nodes': 10 is not 1 to 9 (see --help)",
                "demo --nodes 3 --node a@h | Option '--node' does not go with '--nodes', which starts a cluster of its own on this machine (see --help)",
                "token | Missing required option: '--user=<user>' (see --help)",
                "new | Missing template; write new chat or new board (see --help)",
                "new chatt | Unknown template: 'chatt'; write new chat or new board (see --help)",
                "new chat --sprin | Unknown option: '--sprin'; did you mean --spring? (see --help)",
                "new chat --gradle | Unknown option: '--gradle'; new takes --help, --kotlin, --name, --package, --react, --spring, --version (see --help)",
                "new chat a b | Unknown argument: 'b'; new takes --help, --kotlin, --name, --package, --react, --spring, --version (see --help)",
                "new chat --name My_Chat | Invalid value for option '--name': 'My_Chat' is not lower-case letters, digits and hyphens, such as my-chat (see --help)",
                "new chat Chat_1 | The name of the folder is that of the project, and 'Chat_1' is not lower-case letters, digits and hyphens, such as my-chat; name another folder, or add --name my-chat (see --help)",
                "new chat a-chat --package com.Example | Invalid value for option '--package': 'com.Example' is not a package for classes; write lower-case names with dots, such as com.example.chat (see --help)",
                "new chat a-chat --package com.new.chat | Invalid value for option '--package': 'com.new.chat' is not a package for classes; write lower-case names with dots, such as com.example.chat (see --help)",
                "new chat a-chat --kotlin --package com.fun.chat | Invalid value for option '--package': 'com.fun.chat' is not a package for classes; write lower-case names with dots, such as com.example.chat (see --help)",
                "serv | Unknown command: 'serv'; did you mean serve? (see --help)",
                "dance | Unknown command: 'dance'; heliodor takes contract, cookie, demo, new, node, serve, token, top, --help, --version (see --help)"
            })
    void theWrongPartIsNamedAndTheRightOnes(String line, String complaint) {
        StringWriter err = new StringWriter();
        int status = Playground.commandLine().setErr(new PrintWriter(err, true)).execute(line.split(" ", -1));
        assertThat(err.toString().strip()).isEqualTo(complaint);
        assertThat(status).isEqualTo(CommandLine.ExitCode.USAGE);
    }
}
