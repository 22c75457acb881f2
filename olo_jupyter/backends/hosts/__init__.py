"""Git hosts behind one Protocol: pull requests on GitHub, GitLab, Gitea and Forgejo."""
