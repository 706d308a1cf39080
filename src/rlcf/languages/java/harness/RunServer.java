import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.TimeZone;

/**
 * Runs or drives harmless programs one after the other in this virtual machine.
 *
 * <p>Requests and replies are framed as in {@code rlcf.workers.child}. A request is a program ({@link Program#read}); the
 * reply is {@code STATUS MICROSECONDS DETAIL}, followed by the lines that driving it told. A program that is not {@link
 * Harmless} is not run: its status is {@code alone}, its detail what it names. After a program that ran out of time or
 * memory, or left a trace, the server replies and ends: its parent starts another.
 *
 * <p>The arguments are the time-out and the longest wait, in milliseconds. A program that is still running after the
 * time-out is waited for while it had less time of the processor than that, for others may use the processor, too. What
 * it waits by itself counts as time that it had. Its status is {@code timeout} once it had its time, and {@code starved}
 * if the longest wait is over before.
 */
public final class RunServer {
    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    private RunServer() {}

    public static void main(String[] arguments) throws IOException {
        long timeout = Long.parseLong(arguments[0]);
        long longest = Long.parseLong(arguments[1]);
        DataInputStream in = new DataInputStream(new BufferedInputStream(new FileInputStream(FileDescriptor.in)));
        DataOutputStream out = new DataOutputStream(new FileOutputStream(FileDescriptor.out));
        while (true) {
            byte[] request;
            try {
                request = new byte[in.readInt()];
            } catch (EOFException end) {
                Runtime.getRuntime().halt(0);
                return;
            }
            in.readFully(request);
            Program program = Program.read(new DataInputStream(new ByteArrayInputStream(request)));
            String named = Harmless.offence(program.classes);
            boolean clean = named != null
                    ? reply(out, new Outcome("alone", named, true), 0, List.of())
                    : run(program, timeout, longest, out);
            if (!clean) {
                Runtime.getRuntime().halt(0);
            }
        }
    }

    /** Whether this machine can take another program. */
    private static boolean run(Program program, long timeout, long longest, DataOutputStream out) throws IOException {
        Program.freshStreams();
        Machine before = Machine.now();
        Outcome[] outcome = new Outcome[1];
        List<String> told = Collections.synchronizedList(new ArrayList<>());
        Thread thread = new Thread(() -> outcome[0] = program.run(told::add), "main");
        long processor = ofMachine();
        long start = System.nanoTime();
        long needed = timeout * 1_000_000;
        long waited = 0;
        thread.start();
        try {
            thread.join(timeout);
            while (thread.isAlive()
                    && System.nanoTime() - start < longest * 1_000_000
                    && ofThread(thread) + waited < needed) {
                long from = System.nanoTime();
                boolean waits = waits(thread);
                thread.join(Math.max(1, timeout / 10));
                waited += waits && waits(thread) ? System.nanoTime() - from : 0;
            }
        } catch (InterruptedException interrupted) {
            return false; // nobody does
        }
        long micros = (System.nanoTime() - start) / 1000;
        if (thread.isAlive()) {
            // The collector works for the program, in a thread of its own; the compiler's share is small.
            boolean starved = longest > timeout && ofMachine() - processor + waited < needed;
            reply(out, new Outcome(starved ? "starved" : "timeout", "", false), micros, told);
            return false;
        }
        Outcome ended = outcome[0] == null ? Outcome.MEMORY : outcome[0];
        return reply(out, ended, micros, told) && before.equals(Machine.now());
    }

    /** Nanoseconds of the processor's time that a thread had; less than 0 where it has ended. */
    private static long ofThread(Thread thread) {
        return ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.getId());
    }

    /** Nanoseconds of the processor's time that all threads of this machine had. */
    private static long ofMachine() {
        return SYSTEM.getProcessCpuTime();
    }

    private static boolean waits(Thread thread) {
        Thread.State state = thread.getState();
        return state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING || state == Thread.State.BLOCKED;
    }

    private static boolean reply(DataOutputStream out, Outcome outcome, long micros, List<String> told)
            throws IOException {
        StringBuilder lines = new StringBuilder(outcome.status() + " " + micros + " " + outcome.detail());
        for (String line : told.toArray(new String[0])) { // a copy at once: the thread may go on
            lines.append('\n').append(line);
        }
        byte[] text = lines.toString().getBytes(StandardCharsets.UTF_8);
        byte[] frame = new byte[text.length + 4];
        java.nio.ByteBuffer.wrap(frame).putInt(text.length).put(text);
        out.write(frame);
        return outcome.clean();
    }

    /** What a program might change for the next one. Harmless ones cannot; this makes sure. */
    private record Machine(Object in, Object out, Object err, Locale locale, TimeZone zone, Properties all, int threads) {
        static Machine now() {
            return new Machine(
                    System.in,
                    System.out,
                    System.err,
                    Locale.getDefault(),
                    TimeZone.getDefault(),
                    (Properties) System.getProperties().clone(),
                    Thread.activeCount());
        }
    }
}
