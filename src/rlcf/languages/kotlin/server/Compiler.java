import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jetbrains.kotlin.cli.common.ExitCode;
import org.jetbrains.kotlin.cli.common.arguments.K2JVMCompilerArguments;
import org.jetbrains.kotlin.cli.jvm.K2JVMCompiler;
import org.jetbrains.kotlin.config.Services;

/** Kotlin's compiler for the JVM, as the command {@code kotlinc} calls it, kept in one process. */
final class Compiler {
    private final K2JVMCompiler compiler = new K2JVMCompiler();
    private final String home;
    private final String classPath;
    private final String[] warningLevels;
    private boolean broken;

    /** See {@link KotlinServer}. */
    Compiler(String[] arguments) {
        home = arguments[0];
        classPath = arguments[1];
        warningLevels = Arrays.copyOfRange(arguments, 2, arguments.length);
    }

    /** What it says of files; the classes go into a folder. */
    Round compile(List<SourceFile> files, Path classes) {
        K2JVMCompilerArguments arguments = new K2JVMCompilerArguments();
        arguments.setFreeArgs(files.stream().map(file -> file.path().toString()).toList());
        arguments.setDestination(classes.toString());
        arguments.setKotlinHome(home);
        arguments.setRenderInternalDiagnosticNames(true);
        arguments.setWarningLevels(warningLevels);
        if (!classPath.isEmpty()) {
            arguments.setClasspath(classPath + File.pathSeparator + classes);
        }
        Round round = new Round(files);
        try {
            ExitCode ended = compiler.exec(round, Services.EMPTY, arguments);
            boolean known = ended == ExitCode.OK || (ended == ExitCode.COMPILATION_ERROR && round.hasErrors());
            if (!known && round.crash() == null) {
                round.crashed("it ended with " + ended);
            }
        } catch (VirtualMachineError | RuntimeException thrown) {
            round.crashed(thrown.toString());
        }
        return round;
    }

    /** Whether it has broken, so that it should be asked no more. */
    boolean broken() {
        return broken;
    }

    void setBroken() {
        broken = true;
    }
}
