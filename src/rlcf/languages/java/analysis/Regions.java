/**
 * Which part of a source is whose, in UTF-16 units; -1 for what is not known. What is neither the completion nor the test
 * is the task's own.
 *
 * @param start where the completion starts
 * @param end where it ends
 * @param testStart where the test starts
 */
record Regions(int start, int end, int testStart) {
    boolean haveTest() {
        return testStart >= 0;
    }

    boolean isTest(int offset) {
        return haveTest() && offset >= testStart;
    }

    boolean haveCompletion() {
        return start >= 0 && end >= start;
    }

    /** Whether something from one offset to another is in the completion, around it or across its border. */
    boolean meetCompletion(int first, int last) {
        return !haveCompletion() || haveTest() || first < end && last >= start;
    }

    boolean isCompletion(int offset) {
        return offset >= start && offset < end;
    }
}
