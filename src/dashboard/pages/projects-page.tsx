import type { JSX } from 'preact'
import { Icon } from '../parts/icon.tsx'
import { Ago, Badge, Tags } from '../parts/labels.tsx'
import { Link } from '../parts/link.tsx'
import { useLoad } from '../parts/load.ts'
import { RemoteStates } from '../parts/remote-states.tsx'
import { Empty, Show } from '../parts/states.tsx'
import { formatCount } from '../parts/text.ts'
import type { PageProps } from '../shell.tsx'
import type { ProjectSummary } from '../source/answers.ts'

/** All projects, and how each stands to its remotes. */
export function ProjectsPage({ source }: PageProps): JSX.Element {
  const projects = useLoad((signal) => source.projects({}, { signal }), [])
  return (
    <div class="page">
      <div class="page-head">
        <h1>Projects</h1>
      </div>
      <Show loaded={projects}>
        {(list) =>
          list.length === 0 ? (
            <Empty title="No project yet" icon="folder">
              <p>The first run makes one. Track any program, and it appears here:</p>
              <pre>runtree run -- python train.py</pre>
            </Empty>
          ) : (
            <ul class="project-cards">
              {list.map((project) => (
                <ProjectCard key={project.slug} project={project} />
              ))}
            </ul>
          )
        }
      </Show>
    </div>
  )
}

function ProjectCard({ project }: { readonly project: ProjectSummary }): JSX.Element {
  const { slug, name, description, tags, problem } = project
  return (
    <li class="card project-card">
      <h2>
        <Link to={{ page: 'project', address: slug }} class="card-link">
          {name || slug}
        </Link>
      </h2>
      {problem === undefined ? (
        <>
          {description === undefined ? null : <p class="muted small clamp">{description}</p>}
          {tags.length === 0 ? null : <Tags tags={tags} />}
          <p class="facts">
            <span>
              <Icon name="experiment" /> {formatCount(project.experiments, 'experiment')}
            </span>
            <span>
              <Icon name="play" /> {formatCount(project.runs, 'run')}
            </span>
            {project.lastStarted === undefined ? null : (
              <span>
                <Icon name="clock" /> <Ago time={project.lastStarted} />
              </span>
            )}
            {project.running === 0 ? null : (
              <Badge tone="busy">
                <span class="dot busy" /> {project.running} running
              </Badge>
            )}
          </p>
          <RemoteStates remotes={project.remotes} />
        </>
      ) : (
        <p class="banner bad">
          {problem.message} {problem.hint}
        </p>
      )}
    </li>
  )
}
