# bash completion for maitred
_maitred() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    case $before in
        -c | backup | import) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
        check) mapfile -t COMPREPLY < <(compgen -W '--json' -- "$word") ;;
        chat | --json | --yes) mapfile -t COMPREPLY < <(compgen -W '--json --wait --yes -m' -- "$word") ;;
        *) mapfile -t COMPREPLY < <(compgen -W '-c run chat check backup export import slack-manifest keygen version help' -- "$word") ;;
    esac
}
complete -F _maitred maitred
