# A library's files are compiled together (cmake/Targets.cmake), so a name that two of them keep to themselves must not be
# the same. Reads CMakeLists.txt files; prints "file:line:text" of each second definition of a constant, a type, a function
# with the same parameters, or a namespace's short name with another meaning.

# The sources of each target: from its opening parenthesis to its closing one.
FNR == 1 { folder = FILENAME; sub(/[^\/]*$/, "", folder); inside = 0 }
{
  line = $0
  sub(/#.*/, "", line)
  if (!inside && line ~ /^(patchbay_(library|program|test)|set_source_files_properties)\(/) {
    inside = 1
    text = ""
  }
  if (!inside) next
  text = text " " line
  if (line !~ /\)/) next
  inside = 0
  gsub(/[()]/, " ", text)
  count = split(text, words, /[ \t]+/)
  first = words[1] == "" ? 2 : 1
  if (words[first] == "set_source_files_properties") {
    if (text ~ /SKIP_UNITY_BUILD_INCLUSION ON/) for (i = first + 1; i <= count; ++i) alone[folder words[i]] = 1
  } else if (text !~ / NO_UNITY /) {
    for (i = first + 2; i <= count; ++i) {
      if (words[i] ~ /\.cc$/) {
        ++sources
        target[sources] = words[first + 1]
        source[sources] = folder words[i]
      }
    }
  }
}

function defined(name, file, number, text, meaning) {
  if (!((library, name) in owner)) {
    owner[library, name] = file
    value[library, name] = meaning
  } else if (owner[library, name] != file && (meaning == "" || value[library, name] != meaning)) {
    print file ":" number ":" text " (also in " owner[library, name] ")"
  }
}

# Top-level definitions inside unnamed namespaces, as clang-format writes them.
function read_file(file, number, text, space, unnamed, name, rest, parameters) {
  number = 0
  space = ""
  unnamed = 0
  while ((getline text < file) > 0) {
    ++number
    if (text ~ /^namespace \{/) unnamed = 1
    else if (text ~ /^\}  \/\/ namespace$/) unnamed = 0
    else if (text ~ /^namespace [A-Za-z_:0-9]+ \{/) space = space " " text
    else if (text ~ /^namespace [A-Za-z_0-9]+ = .*;/) {
      split(text, parts, / = /)
      defined(space parts[1], file, number, text, parts[2])
    } else if (!unnamed || text !~ /^[A-Za-z]/) continue
    else if (text ~ /^(struct|class|enum|enum class) [A-Za-z_0-9]+.*[^;]$/) {
      name = text
      sub(/^(struct|enum class|class|enum) /, "", name)
      sub(/[^A-Za-z_0-9].*/, "", name)
      defined(space " " name, file, number, text, "")
    } else if (text ~ /^(inline )?(constexpr|const|static|thread_local|constinit) [^()]*[ *&][A-Za-z_0-9]+(\[[^\]]*\])*( =|\{)/) {
      name = text
      sub(/(\[[^\]]*\])*( =|\{).*/, "", name)
      sub(/.*[ *&]/, "", name)
      defined(space " " name, file, number, text, "")
    } else if (text ~ /[ *&][A-Za-z_0-9]+\(/ && text !~ /;$/ && text !~ /^(using|typedef|template|TEST|return) ?/) {
      name = text
      sub(/\(.*/, "", name)
      sub(/.*[ *&]/, "", name)
      parameters = text
      sub(/^[^(]*\(/, "", parameters)
      sub(/\{.*/, "", parameters)
      gsub(/[A-Za-z_0-9]+ *,/, ",", parameters)  # the parameters' own names
      gsub(/[A-Za-z_0-9]+ *\)/, ")", parameters)
      gsub(/ /, "", parameters)
      defined(space " " name "(" parameters, file, number, text, "")
    }
  }
  close(file)
}

END {
  for (i = 1; i <= sources; ++i) {
    if (source[i] in alone) continue
    library = target[i]
    read_file(source[i])
  }
}
