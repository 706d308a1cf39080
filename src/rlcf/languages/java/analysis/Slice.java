import java.util.List;

/**
 * The backward slice of what a method returns, throws and changes outside itself.
 *
 * @param statements how many statements are in it
 * @param parameters names of the parameters that these read or change
 * @param outside whether one of these reads or changes something that is neither a parameter nor a local variable
 * @param computes whether one of these does more than hand on a literal or a variable, or throw
 */
record Slice(int statements, List<String> parameters, boolean outside, boolean computes) {}
