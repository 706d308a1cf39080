import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import rlcf.harness.Guard;

/** Knows a program's classes and the platform's. */
final class Loader extends ClassLoader {
    private final Map<String, byte[]> classes;

    Loader(Map<String, byte[]> classes) {
        super(ClassLoader.getPlatformClassLoader());
        this.classes = classes;
        super.setDefaultAssertionStatus(true); // a test may use `assert`
    }

    // A program cannot change whether assertions are checked.

    @Override
    public void setDefaultAssertionStatus(boolean enabled) {}

    @Override
    public void setPackageAssertionStatus(String packageName, boolean enabled) {}

    @Override
    public void setClassAssertionStatus(String className, boolean enabled) {}

    @Override
    public void clearAssertionStatus() {}

    /** Makes every class before the program gets control, so that it cannot put another in its place. */
    List<Class<?>> defineAll() {
        List<Class<?>> defined = new ArrayList<>();
        for (String name : classes.keySet()) {
            try {
                defined.add(loadClass(name));
            } catch (ClassNotFoundException | LinkageError broken) {
                continue; // the program gets the error where it uses the class
            }
        }
        return defined;
    }

    /** The program's own classes come before the platform's of the same name, as the compiler took them. */
    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (name.equals(Guard.class.getName())) {
            return Guard.class;
        }
        if (!classes.containsKey(name)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> known = findLoadedClass(name);
            return known == null ? findClass(name) : known;
        }
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        byte[] bytes = classes.get(name);
        if (bytes == null) {
            throw new ClassNotFoundException(name);
        }
        return defineClass(name, bytes, 0, bytes.length);
    }
}
