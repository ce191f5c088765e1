# What does a build call itself? The version, and the commit when `source` is a clone of ours.

function(jf_build_string result source version)
  set(build ${version})
  find_program(JITFARM_GIT git)
  mark_as_advanced(JITFARM_GIT)
  if(JITFARM_GIT)
    # The prefix is empty at the top of a repository: sources unpacked inside of somebody else's have no commit.
    execute_process(COMMAND ${JITFARM_GIT} rev-parse --show-prefix --short=10 HEAD WORKING_DIRECTORY ${source}
                    OUTPUT_VARIABLE answer ERROR_QUIET RESULT_VARIABLE code)
    if(code EQUAL 0 AND answer MATCHES "^\n([0-9a-f]+)\n$")
      string(APPEND build "+${CMAKE_MATCH_1}")
    endif()
  endif()
  set(${result} ${build} PARENT_SCOPE)
endfunction()
