import java.util.*;

@SuppressWarnings("unchecked")
public final class AnyName {
    public static List raw() {
        return new ArrayList();
    }
}
