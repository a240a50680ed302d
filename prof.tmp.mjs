import fs from 'node:fs'
const f=process.argv[2]; const p=JSON.parse(fs.readFileSync(f)); const self=new Map(); const byId=new Map(p.nodes.map(n=>[n.id,n])); const dt=p.timeDeltas; const tot=new Map()
const parent=new Map(); for(const n of p.nodes) for(const c of n.children??[]) parent.set(c,n.id)
const key=n=>n.callFrame.functionName+' '+n.callFrame.url.split('/').slice(-2).join('/')+':'+n.callFrame.lineNumber
p.samples.forEach((id,i)=>{const k=key(byId.get(id)); self.set(k,(self.get(k)??0)+dt[i]); const seen=new Set(); for(let x=id;x;x=parent.get(x)){const kk=key(byId.get(x)); if(!seen.has(kk)){seen.add(kk); tot.set(kk,(tot.get(kk)??0)+dt[i])}}})
console.log('SELF'); for(const [k,v] of [...self].sort((a,b)=>b[1]-a[1]).slice(0,+(process.argv[3]??25))) console.log((v/1000).toFixed(0).padStart(7),k)
console.log('TOTAL'); for(const [k,v] of [...tot].sort((a,b)=>b[1]-a[1]).slice(0,+(process.argv[3]??25)+10)) console.log((v/1000).toFixed(0).padStart(7),k)
